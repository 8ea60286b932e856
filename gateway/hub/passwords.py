"""Passwords that people change for themselves, and that administrators set for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.errors import BadInput, Conflict, Forbidden, NotFound
from gateway.hookspecs import Authenticator, LoginRequest
from gateway.hub import proving
from gateway.hub.sessions import Sessions
from gateway.hub.words import plain
from gateway.store import audit, users
from gateway.store.store import Store

PATIENCE = 20.0
WRONG = "The old password is not right."
NOTHING_TO_SET = "No authenticator in use keeps passwords"


def keeper_of(authenticators: Sequence[Authenticator]) -> Authenticator | None:
    """The first one that keeps passwords."""
    kept = (each for each in authenticators if type(each).set_password is not Authenticator.set_password)
    return next(kept, None)


class Passwords:
    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        sessions: Sessions,
        *,
        store: Store,
        clock: Callable[[], float],
    ) -> None:
        self._keeper = keeper_of(authenticators)
        self._sessions = sessions
        self._store = store
        self._clock = clock

    @property
    def by(self) -> str:
        """Name of the authenticator that keeps them, or ""."""
        return self._keeper.name if self._keeper else ""

    @property
    def kept(self) -> bool:
        """Are there any?"""
        return self._keeper is not None

    async def change(self, user: str, old: str, new: str, request: LoginRequest, session: str) -> None:
        """By the person, who proves to know the old one. All other sessions end; `session` is this one's digest.

        Forbidden, TooMany (as for a log-in), BadInput for the new one.
        """
        keeper = self._found()
        if old == new:
            raise BadInput("The new password is the old one.", key="password-same")
        form = {"username": user, "password": old}
        try:
            name = await self._sessions.prove(keeper.name, form, request)
        except Forbidden:
            raise Forbidden(WRONG, key="password-wrong") from None
        if name != user:
            raise Forbidden(WRONG, key="password-wrong")
        await self._set(keeper, user, new)
        await self._sessions.end_others(user, session)
        await self._note(f"user:{user}", "password.change", user)

    async def reset(self, user: str, new: str, by: str) -> None:
        """By an administrator. All sessions of the user end. NotFound, BadInput."""
        keeper = self._found()
        if await self._store(users.get, user) is None:
            raise NotFound(f"No such user: {plain(user)}", key="unknown-user", about={"name": plain(user)})
        await self._set(keeper, user, new)
        await self._sessions.log_out_everywhere(user, by=by)
        await self._note(by, "password.reset", user)

    def _found(self) -> Authenticator:
        if self._keeper is None:
            raise Conflict(NOTHING_TO_SET)
        return self._keeper

    async def _set(self, keeper: Authenticator, user: str, new: str) -> None:
        await proving.asked(
            keeper,
            "set_password",
            lambda: keeper.set_password(user, new),
            lambda _: None,
            seconds=PATIENCE,
            secrets=[new],
            passing=(400, 403, 429),
        )
        if await self._store(users.get, user) is None:
            # Renamed or removed meanwhile: it must not wait for the next one of that name.
            await keeper.forget(user)
            raise NotFound(f"No such user: {plain(user)}", key="unknown-user", about={"name": plain(user)})

    async def _note(self, actor: str, action: str, user: str) -> None:
        await self._store(audit.add, self._clock(), actor, action, user, "")
