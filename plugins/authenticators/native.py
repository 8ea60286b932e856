"""`native`: names and passwords kept by Hubgate itself, with lock-out.

An unknown name costs the same work as a known one: the same reads, one bcrypt
comparison, one write. Failures of known names are kept in the storage, so that a
restart clears none; those of unknown names in a bounded map, so that random names
fill no database.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, ClassVar
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, Field

from gateway.errors import BadInput, TooMany
from gateway.hookspecs import Authenticator, LoginRequest, Storage, hookimpl
from gateway.model import Json, Login, checked_name, normalise
from plugins.authenticators import forms, lockout, passwords, rules

logger = logging.getLogger(__name__)

UNKNOWN_NAMES = 20_000
"""How many unknown names' failures are remembered. bcrypt's slowness lets fewer fail in one lock-out."""

WAITING = 64
"""Log-ins under way at once; more would only wait for a processor."""


class NativeOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    max_failures: Annotated[int, Field(ge=1, le=1000)] = 5
    lockout_seconds: Annotated[float, Field(gt=0)] = 300
    min_length: Annotated[int, Field(ge=1, le=256)] = 12
    signup: bool = False
    approval: bool = True


class NativeAuthenticator(Authenticator):
    """Keys in the storage: `password:<name>` (a hash), `failures:<name>` (times)."""

    Options = NativeOptions
    name = "native"
    display_name = "Password"
    user_keys = ("password", "failures")

    rounds: ClassVar[int] = 12
    """bcrypt's cost, as a power of two."""
    now: Callable[[], float] = staticmethod(time.time)

    def __init__(self, options: BaseModel, storage: Storage) -> None:
        super().__init__(options, storage)
        assert isinstance(options, NativeOptions)  # noqa: S101  # the plugin manager's promise
        self._min_length = options.min_length
        self.sign_up = ("approval" if options.approval else "open") if options.signup else "closed"
        self._rule = lockout.Rule(options.max_failures, options.lockout_seconds)
        self._unknown: OrderedDict[str, lockout.Failures] = OrderedDict()
        self._decoy = passwords.decoy(self.rounds)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._slots = asyncio.Semaphore(min(4, os.cpu_count() or 1))
        self._inside = 0

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        credentials = forms.credentials(form)
        if credentials is None:
            return None
        name, password = credentials
        async with self._admitted(), self._lock(name):
            return Login(name) if await self._proves(name, password, request) else None

    async def set_password(self, name: str, password: str) -> None:
        """Also lifts a lock-out: whoever may set the password has been let in by other means."""
        name = checked_name(name)
        kept = await self._hashed(name, password)
        async with self._lock(name):
            await self.storage.put(f"password:{name}", kept)
            await self._clear(name)

    async def registered(self, name: str, password: str) -> Mapping[str, Json]:
        async with self._admitted():
            return {"password": await self._hashed(name, password)}

    def warnings(self) -> Sequence[str]:
        if self.sign_up == "open":
            return ("whoever reaches this gateway can make an account and start servers: approval = true changes that",)
        return ()

    async def has_password(self, name: str) -> bool:
        return isinstance(await self.storage.get(f"password:{normalise(name)}"), str)

    async def rename(self, old: str, new: str) -> None:
        """What is kept has gone along already (`user_keys`)."""
        for name in (old, new):
            self._unknown.pop(normalise(name), None)

    async def forget(self, name: str) -> None:
        name = normalise(name)
        async with self._lock(name):
            await self.storage.delete(f"password:{name}")
            await self._clear(name)

    async def _proves(self, name: str, password: str, request: LoginRequest) -> bool:
        """Compare, and count a failure. Called with the name's lock: no two attempts count as one."""
        kept = await self.storage.get(f"password:{name}")
        failures = lockout.from_json(await self.storage.get(f"failures:{name}")) or self._unknown.get(name, ())
        if remaining := self._rule.remaining(failures, self.now()):
            raise lockout.refusal(remaining)
        known = isinstance(kept, str)
        async with self._slots:
            right = await asyncio.to_thread(passwords.matches, password, kept if isinstance(kept, str) else self._decoy)
        if known and right:
            if failures:
                await self._clear(name)
            return True
        failures = self._rule.add(failures, self.now())
        await self._keep(name, known, failures)
        if self._rule.remaining(failures, self.now()):
            logger.warning("log-in of %r is locked after %d failures, last %s", name, len(failures), request.address)
        return False

    async def _keep(self, name: str, known: bool, failures: lockout.Failures) -> None:
        if known:
            await self.storage.put(f"failures:{name}", list(failures))
            return
        self._unknown[name] = failures
        self._unknown.move_to_end(name)
        if len(self._unknown) > UNKNOWN_NAMES:
            self._unknown.popitem(last=False)
        # Nobody reads this; without it an unknown name would answer sooner, by the time of one write.
        await self.storage.put("failures:", list(failures))

    async def _clear(self, name: str) -> None:
        self._unknown.pop(name, None)
        await self.storage.delete(f"failures:{name}")

    async def _hashed(self, name: str, password: str) -> str:
        password = self._fit(name, password)
        async with self._slots:
            return await asyncio.to_thread(passwords.hashed, password, self.rounds)

    def _fit(self, name: str, password: str) -> str:
        if len(password) > forms.PASSWORD_BYTES or len(forms.in_bytes(password)) > forms.PASSWORD_BYTES:
            raise BadInput(
                f"password must not be longer than {forms.PASSWORD_BYTES} bytes",
                key="password-long",
                about={"most": forms.PASSWORD_BYTES},
            )
        password = forms.composed(password)
        if len(password) < self._min_length:
            raise BadInput(
                f"password must have at least {self._min_length} characters",
                key="password-short",
                about={"least": self._min_length},
            )
        if wrong := rules.refusal(name, password):
            raise BadInput(wrong, key="password-weak", about={"why": wrong.name})
        return password

    def _lock(self, name: str) -> asyncio.Lock:
        """One lock a name, for as long as somebody holds or awaits it."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        if self._inside >= WAITING:
            raise TooMany("Too many people are logging in at this moment; try again", retry_after=5, key="login-crowd")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


@hookimpl
def gateway_authenticators() -> Mapping[str, type[Authenticator]]:
    return {"native": NativeAuthenticator}
