"""Captures: started for a reason, bounded, kept a while; beginning, reading and end stand in the audit.

The workers record and hide (`gateway.proxy.recorder`); what arrives here is written to
`{data_dir}/captures/<id>/`. A disk that does not keep up costs records, which are counted,
never a user's time. A hub that starts again goes on with what has not ended meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from gateway import flowfilter
from gateway.captures import BODY, MAX_BODY, MAX_SECONDS, RUNNING, Order, Scope
from gateway.channel.messages import Captured, Invalidate, Reconnect
from gateway.channel.messages import Captures as Orders
from gateway.errors import BadInput, Conflict, NotFound
from gateway.hub.capturefolder import Capture, CaptureFolder
from gateway.hub.recording import Recording
from gateway.hub.words import plain
from gateway.model import AuditEntry, User
from gateway.settings import TrafficSettings
from gateway.store import audit
from gateway.store.store import Store

log = logging.getLogger(__name__)

SECONDS = 600.0
SIZE, MIN_SIZE, MAX_SIZE = 64 * 1024 * 1024, 64 * 1024, 256 * 1024 * 1024
REASON = 300
"""Characters of a reason."""
PATH = 1024
FIELDS = 50
EVERY = 0.2
"""Seconds between two looks at what has come."""
LAST_WORDS = 0.4
"""Seconds in which what workers have still comes, after they were told of the end."""
SWEEP = 600.0
BARE = "UNREDACTED"
"""How the audit calls a capture in which nothing is hidden."""
LOOKED = 4
"""Captures whose contents are known in memory; the ones read last."""


class Captures:
    def __init__(
        self,
        settings: TrafficSettings,
        *,
        data_dir: Path,
        store: Store,
        find: Callable[[str], Awaitable[User | None]],
        tell: Callable[[Orders | Reconnect], None],
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._folder = CaptureFolder(data_dir)
        self._store = store
        self._find = find
        """A user by name."""
        self._tell = tell
        """Tells every worker."""
        self._clock = clock
        self._all: dict[str, Recording] = {}
        self._doubtful = False
        """Somebody was changed: are those whom captures name still the same people?"""
        self._readers: set[tuple[str, str]] = set()
        self._looked: list[Recording] = []
        self._starting = asyncio.Lock()
        """What is counted against the limits is there before the next one is."""

    # ── what runs ────────────────────────────────────────────────────────────

    def orders(self) -> Orders:
        """What workers are to record now."""
        return Orders(tuple(
            Order(each.id, one.key, each.until, each.scope, each.body, each.redact, each.fields)
            for one in self._running() if not one.ending for each in (one.capture,)
        ))  # fmt: skip

    def _running(self) -> list[Recording]:
        return [one for one in self._all.values() if one.capture.running]

    def listing(self) -> list[Capture]:
        """The newest first."""
        return sorted((one.capture for one in self._all.values()), key=lambda capture: -capture.started)

    @property
    def running(self) -> int:
        return len(self._running())

    @property
    def bytes(self) -> int:
        """Of all that are kept."""
        return sum(one.capture.bytes for one in self._all.values())

    def get(self, capture: str) -> Capture:
        return self._one(capture).capture

    def _one(self, capture: str) -> Recording:
        if (found := self._all.get(capture)) is None:
            raise NotFound("No such capture", key="no-capture")
        return found

    def covering(self, user: str) -> list[Capture]:
        """The running captures that record, or may record, this user's requests or servers; for their page.

        None where `[traffic] notify_users` is off.
        """
        if not self._settings.notify_users:
            return []
        return [
            capture for capture in self.listing()
            if capture.running and (user in capture.users or capture.scope.concerns(user))
        ]  # fmt: skip

    def received(self, message: Captured) -> None:
        """From a worker. What belongs to no capture (any more) is dropped."""
        if (one := self._all.get(message.capture)) is not None and one.capture.running:
            one.take(message.records, message.dropped)

    # ── from start to end ────────────────────────────────────────────────────

    async def start(
        self,
        reason: str,
        scope: Scope,
        *,
        by: str,
        seconds: float = SECONDS,
        size: int = SIZE,
        body: int = BODY,
        redact: bool = True,
        fields: tuple[str, ...] = (),
    ) -> Capture:
        """Begin to record. `BadInput` says what is wrong with the wish, `Conflict` that there is no room."""
        now = self._clock()
        scope = _checked(scope)
        _bounded(reason, seconds, size, body, fields)
        if not redact and not self._settings.allow_unredacted:
            raise BadInput("Nothing is recorded unredacted here: the setting [traffic] allow_unredacted is off")
        names = (*self._settings.hidden_fields, *fields)
        capture = Capture(
            secrets.token_hex(8), reason, by, scope, now, now + seconds, size, body, redact, names,
            people=await self._people(scope),
        )  # fmt: skip
        detail = f"{_words(scope)}, {seconds:g} s{'' if redact else f', {BARE}'}: {reason}"
        one = Recording(capture, secrets.token_hex(32), self._folder.of(capture.id))
        async with self._starting:
            self._check_room(size)
            await self._note(by, "capture.start", capture.id, detail)
            await asyncio.to_thread(self._folder.save, capture, one.key)
            self._all[capture.id] = one
        await self._covers(one, set(capture.people))
        self._tell(self.orders())
        return capture

    def _check_room(self, size: int) -> None:
        if len(self._running()) >= RUNNING:
            raise Conflict(
                f"{RUNNING} captures run already; stop one first", key="captures-running", about={"most": RUNNING}
            )
        taken = sum(one.capture.size if one.capture.running else one.capture.bytes for one in self._all.values())
        if taken + size > self._settings.capture_space:
            raise Conflict(
                "There is no room for it beside the captures that are kept; delete some first", key="captures-full"
            )

    async def stop(self, capture: str, by: str) -> Capture:
        """End it now. Fine with one that has ended."""
        one = self._one(capture)
        if one.capture.running:
            await self._end(one, "it was stopped", by)
        return one.capture

    async def remove(self, capture: str, by: str) -> None:
        """End it, and delete what it has."""
        await self.stop(capture, by)
        one = self._all.pop(capture, None)
        if one is not None:
            await asyncio.to_thread(self._folder.remove, capture)
            await self._note(by, "capture.delete", capture, one.capture.reason)

    async def reconnect(self, capture: str, by: str) -> None:
        """Cut the open WebSockets that it misses, so that they come back recorded."""
        if not self._one(capture).capture.running:
            raise Conflict("This capture has ended", key="capture-over")
        await self._note(by, "capture.reconnect", capture)
        self._tell(Reconnect(capture))

    async def _end(self, one: Recording, why: str, by: str = "") -> None:
        """Tell the workers, keep what still comes, and close it."""
        async with one.closing:
            if not one.capture.running:
                return
            one.ending = True
            self._tell(self.orders())
            await asyncio.sleep(LAST_WORDS)
            await self._write(one)
            one.capture = replace(one.capture, ended=min(self._clock(), one.capture.until), why=why)
            one.key = ""
            await asyncio.to_thread(self._folder.save, one.capture, "")
            await self._note(by, "capture.stop", one.capture.id, f"{why}; {one.capture.flows} requests")

    # ── reading ──────────────────────────────────────────────────────────────

    async def opened(self, capture: str, by: str, how: str = "") -> Recording:
        """The contents of a capture, for somebody. `how` they are taken away; "" = looked at, which counts once."""
        one = self._one(capture)
        bare = "" if one.capture.redact else f"{BARE}: "
        if how:
            await self._note(by, "capture.download", capture, f"{bare}{how}")
        elif (capture, by) not in self._readers:
            self._readers.add((capture, by))
            await self._note(by, "capture.read", capture, f"{bare}{one.capture.reason}")
        self._remember(one)
        return one

    async def holding(self, flow: str, begin: float, end: float) -> list[tuple[Capture, int]]:
        """The captures that have a request of that time, POSIX seconds, and its number in each. Shows nothing of it.

        A few of the newest are asked, for each has to be read.
        """
        found = []
        for capture in self._during(begin, end)[:LOOKED]:
            if (one := self._all.get(capture.id)) is not None:
                self._remember(one)
                if number := await one.find(flow):
                    found.append((one.capture, number))
        return found

    def _during(self, begin: float, end: float) -> list[Capture]:
        return [
            capture for capture in self.listing()
            if capture.started <= end and (capture.ended is None or capture.ended >= begin)
        ]  # fmt: skip

    def _remember(self, one: Recording) -> None:
        """Its contents stay known; those that were asked for longest ago do not."""
        if one in self._looked:
            self._looked.remove(one)
        self._looked.append(one)
        if len(self._looked) > LOOKED:
            self._looked.pop(0).forget()

    async def history(self, user: str, limit: int = 100) -> list[AuditEntry]:
        """The captures that covered this user, the newest first, also those that are deleted: who, when, why."""
        return await self._store(audit.on_user, user, "capture.cover", limit)

    # ── what goes on ─────────────────────────────────────────────────────────

    async def load(self) -> None:
        """What an earlier hub has left: goes on if its time is not over."""
        now = self._clock()
        for capture, key in await asyncio.to_thread(self._folder.load):
            one = self._all[capture.id] = Recording(capture, key, self._folder.of(capture.id))
            if not capture.running:
                continue
            await one.resume()
            if not key or now >= capture.until:
                one.capture = replace(one.capture, ended=min(now, capture.until), why="its time is over")
                await asyncio.to_thread(self._folder.save, one.capture, "")
                await self._note("", "capture.stop", capture.id, "its time was over when the hub came back")

    async def run(self) -> None:
        """For ever: write what has come, end what is over, drop what is old."""
        swept = -SWEEP
        while True:
            await asyncio.sleep(EVERY)
            try:
                await asyncio.gather(*(self._tend(one) for one in self._running()))
                if self._doubtful:
                    self._doubtful = False
                    await asyncio.gather(*(self._check(one) for one in self._running()))
                if self._clock() - swept >= SWEEP:
                    swept = self._clock()
                    await self._sweep()
            except Exception:
                log.exception("captures cannot be looked after")
                await asyncio.sleep(10 * EVERY)

    async def flush(self) -> None:
        """The hub leaves: what has come is kept."""
        for one in self._running():
            await self._write(one)
            await asyncio.to_thread(self._folder.save, one.capture, one.key)

    def heard(self, message: Invalidate) -> None:
        """Somebody was changed, perhaps removed or renamed."""
        self._doubtful = self._doubtful or message.everything or bool(message.owners)

    async def _tend(self, one: Recording) -> None:
        await self._write(one)
        if one.problem:
            log.warning("capture %s ends: %s", one.capture.id, one.problem)
            await self._end(one, one.problem)
        elif self._clock() >= one.capture.until:
            await self._end(one, "its time is over")

    async def _write(self, one: Recording) -> None:
        async with one.writing:
            await self._covers(one, await one.write())

    async def _covers(self, one: Recording, users: set[str]) -> None:
        """So that each of them can see it, and the audit has it for both sides if they are administrators."""
        for user in sorted(users):
            await self._note(one.capture.by, "capture.cover", user, f"{one.capture.id}: {one.capture.reason}")
        if users:
            one.capture = replace(one.capture, users=tuple(sorted({*one.capture.users, *users})))
            await asyncio.to_thread(self._folder.save, one.capture, one.key)

    async def _people(self, scope: Scope) -> dict[str, float]:
        """The users that a scope names, with when they were made. `BadInput` if there is no such user."""
        found = {}
        for name in {scope.user, scope.server.partition("/")[0]} - {""}:
            if (user := await self._find(name)) is None:
                raise BadInput(
                    f"There is no user {plain(name, 60)}", key="unknown-user", about={"name": plain(name, 60)}
                )
            found[name] = user.created
        return found

    async def _check(self, one: Recording) -> None:
        """A capture of somebody who is gone must not become one of a new user of the same name."""
        for name, created in one.capture.people.items():
            user = await self._find(name)
            if user is None or user.created != created:
                await self._end(one, f"{name} was removed or renamed")

    async def _sweep(self) -> None:
        oldest = self._clock() - self._settings.capture_days * 86400
        for capture in self.listing():
            if capture.ended is not None and capture.ended < oldest:
                await self.remove(capture.id, "")

    async def _note(self, by: str, action: str, subject: str, detail: str = "") -> None:
        await self._store(audit.add, self._clock(), by, action, subject, plain(detail, 450))


def _checked(scope: Scope) -> Scope:
    """The same in NFC and in one form; `BadInput` for one that means nothing, or everything."""
    path = unicodedata.normalize("NFC", scope.path)
    server = scope.server if "/" in scope.server or not scope.server else f"{scope.server}/"
    if path and (not path.startswith("/") or len(path) > PATH or not path.isprintable()):
        raise BadInput("path must begin with a slash, in plain text: no percent signs for letters", key="capture-path")
    if server and server.count("/") != 1:
        raise BadInput('server must be "user/" or "user/name"', key="capture-server")
    if not (scope.user or server or path.strip("/")):
        raise BadInput("Say whom or what to record: a user, a server or a path", key="capture-whom")
    if scope.filter:
        flowfilter.parse(scope.filter)
    return replace(scope, path=path, server=server)


def _bounded(reason: str, seconds: float, size: int, body: int, fields: tuple[str, ...]) -> None:
    if not (0 < len(reason.strip()) <= REASON and reason.isprintable()):
        raise BadInput(
            f"reason must have 1 to {REASON} characters, on one line: the users concerned can read it",
            key="capture-reason",
            about={"most": REASON},
        )
    if not 1 <= seconds <= MAX_SECONDS:
        raise BadInput(f"seconds must be 1 to {MAX_SECONDS}", key="capture-minutes", about={"most": MAX_SECONDS // 60})
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise BadInput(
            f"size must be {MIN_SIZE} to {MAX_SIZE} bytes", key="capture-size", about={"most": MAX_SIZE // 1_000_000}
        )
    if not 0 <= body <= MAX_BODY:
        raise BadInput(f"body must be 0 to {MAX_BODY} bytes")
    if len(fields) > FIELDS or not all(0 < len(name) <= 64 and name.isprintable() for name in fields):
        raise BadInput(f"hide takes up to {FIELDS} names, of 64 characters each at most")


def _words(scope: Scope) -> str:
    parts = {"user": scope.user, "server": scope.server, "path": scope.path, "filter": scope.filter}
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)
