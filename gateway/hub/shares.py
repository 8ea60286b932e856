"""Sharing: invitations made, looked at, accepted and withdrawn, each by the handler it belongs to.

Whether the caller may share is checked before anything here is called, and what
handlers say is checked before it is kept. All that is withdrawn is out of force in
every worker, on open connections too, when the call returns or within a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.errors import BadInput, Gone, NotFound, PluginError, Unavailable
from gateway.hookspecs import ShareHandler
from gateway.hub.changes import ChangeLog
from gateway.hub.guesses import Guesses
from gateway.hub.servers import Servers
from gateway.hub.words import plain
from gateway.model import Grant, Invitation, ShareRequest, digest
from gateway.pluginmanager import Hooks
from gateway.scopes import Table
from gateway.sharing import checked_path, in_api, within
from gateway.store import audit, grants, invitations, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

PREFIX = 4
"""Characters of a code that are kept in clear, so that people can tell theirs apart."""
LONGEST_CODE = 128
SHORTEST, LONGEST, DEFAULT = 60, 31_536_000, 86_400
"""Seconds that an invitation may be asked to last."""
MOST_USES = 1_000_000
PATIENCE = 30.0
"""Seconds that a handler may take."""
UNKNOWN = "there is no such invitation"
WHOLE_ONLY = "this server asks who comes and knows only who may use all of it: share it as a whole"
IN_API = (
    "what lies at api/ is Jupyter's REST API, whose calls name other paths too: "
    "share it view only, or a folder as files/…, or the whole server"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Scopes may be bare or have the server's own filter; none = `access:servers`."""

    scopes: Sequence[str] = ()
    handler: str = "code"
    expires_in: float | None = DEFAULT
    max_uses: int | None = None
    lasting: bool = False
    user: str = ""
    group: str = ""
    path: str = ""
    """As somebody writes it; "" = the whole server."""


class Shares:
    def __init__(
        self,
        handlers: Sequence[ShareHandler],
        *,
        store: Store,
        changes: ChangeLog,
        servers: Servers,
        hooks: Hooks,
        table: Table,
        clock: Callable[[], float],
    ) -> None:
        self.handlers: Mapping[str, ShareHandler] = {handler.name: handler for handler in handlers}
        self._store = store
        self._changes = changes
        self._servers = servers
        self._hooks = hooks
        self._table = table
        self._clock = clock
        self._guesses = Guesses()

    # ── inviting ─────────────────────────────────────────────────────────────

    async def create(self, owner: str, server: str, wish: Wish, by: str = "") -> Invitation:
        """Share a server. The code, if there is one, is in this answer and nowhere else.

        NotFound (no such server), BadInput (scopes, times, guest, handler), Conflict (too many).
        """
        handler = self.handlers.get(wish.handler)
        if handler is None:
            known = ", ".join(self.handlers) or "none, sharing is off"
            raise BadInput(f"there is no share handler {plain(wish.handler)!r}; [sharing] handlers has: {known}")
        record = await self._servers.get(owner, server) if await self._store(users.get, owner) else None
        if record is None:
            raise NotFound(f"No such server: {plain(owner)}/{plain(server)}", key="no-server")
        request = self._request(owner, server, wish)
        made = _checked(await _patiently(handler, handler.create(record, request)), request, owner, server, handler)
        if (made.view_only or made.path) and self._servers.hub_aware(record):
            raise BadInput(WHOLE_ONLY, key="share-whole")
        if in_api(made.path) and not made.view_only:
            raise BadInput(IN_API, key="share-api")
        found = replace(made, handler=handler.name, prefix=made.code[:PREFIX])
        return await self._changes.write(_add, found, by or f"user:{owner}")

    def known_scopes(self, scopes: Sequence[str], owner: str, server: str) -> tuple[str, ...]:
        """The scopes, each with this server's filter, as JupyterHub allows them to be shared; or BadInput."""
        return known_scopes(scopes, owner, server, self._table)

    def _request(self, owner: str, server: str, wish: Wish) -> ShareRequest:
        now = self._clock()
        seconds = wish.expires_in
        if seconds is not None and not SHORTEST <= seconds <= LONGEST:
            raise BadInput(f"expires_in must be {SHORTEST} to {LONGEST} seconds")
        if wish.max_uses is not None and not 1 <= wish.max_uses <= MOST_USES:
            raise BadInput(f"uses must be 1 to {MOST_USES}", key="share-many", about={"most": MOST_USES})
        return ShareRequest(
            scopes=self.known_scopes(wish.scopes, owner, server),
            path=checked_path(wish.path),
            now=now,
            expires_at=None if seconds is None else now + seconds,
            max_uses=wish.max_uses,
            lasting=wish.lasting,
            user=wish.user,
            group=wish.group,
        )

    # ── accepting ────────────────────────────────────────────────────────────

    async def look(self, code: str, account: str, address: str, *, over: bool = False) -> Invitation:
        """What `code` offers. NotFound, Gone (expired, unless `over` is fine), TooMany (guesses)."""
        now = self._clock()
        self._guesses.take(account, address, now)
        found = await self._store(invitations.find, digest(code)) if _possible(code) else None
        if found is None:
            raise NotFound(UNKNOWN, key="share-gone")
        self._guesses.give_back(account, address, now)
        if found.expires_at is not None and found.expires_at <= now and not over:
            raise Gone("this invitation has expired", key="share-gone")
        return found

    async def accept(self, code: str, guest: str, address: str) -> Grant:
        """Let `guest` in by `code`. The second time it is the same grant.

        NotFound, Gone (expired, used up), BadInput (one's own), TooMany (guesses).
        """
        now = self._clock()
        account = f"user:{guest}"
        self._guesses.take(account, address, now)
        user = await self._store(users.get, guest)
        if user is None:
            raise NotFound(f"there is no user {plain(guest)!r}", key="unknown-user", about={"name": plain(guest)})
        for handler in self.handlers.values() if _possible(code) else ():
            if (grant := await _patiently(handler, handler.accept(code, user))) is None:
                continue
            self._guesses.give_back(account, address, now)
            _check_grant(grant, handler)
            if (offer := await self._store(invitations.get, grant.invitation)) and not _no_more(grant, offer):
                raise PluginError(f"share handler {handler.name!r} gave more than it had offered")
            if grant.owner == guest:
                raise BadInput("You can't share with yourself!", key="share-self")
            if grant.user != guest:
                raise PluginError(f"share handler {handler.name!r} gave to somebody else what {guest!r} accepted")
            kept, new = await self._changes.write(_accept, replace(grant, created=now), now)
            if new:
                self._hooks.share_accepted(kept)
            return kept
        raise NotFound(UNKNOWN, key="share-gone")

    # ── reading ──────────────────────────────────────────────────────────────

    async def find(self, number: str) -> Invitation | None:
        """By its id, with the grants that came by it."""
        return await self._store(invitations.get, number)

    async def with_code(self, code: str) -> Invitation | None:
        """By its code, for somebody whose tries are counted elsewhere."""
        return await self._store(invitations.find, digest(code)) if _possible(code) else None

    async def invitations(
        self, owner: str, server: str | None = None, *, codes_only: bool = True, offset: int = 0, limit: int = 200
    ) -> tuple[list[Invitation], int]:
        """An owner's, or one server's, and how many there are in all."""
        return await self._store(
            invitations.page, self._clock(), owner, server, codes_only=codes_only, offset=offset, limit=limit
        )

    async def of_owner(
        self,
        owner: str,
        server: str | None = None,
        *,
        user: str = "",
        group: str = "",
        offset: int = 0,
        limit: int = 200,
    ) -> tuple[list[Grant], int]:
        """What guests have of an owner's servers: one entry for each server and guest."""
        return await self._store(
            grants.page, self._clock(), owner=owner, server=server, user=user, group=group, offset=offset, limit=limit
        )

    async def of_user(self, user: str, *, offset: int = 0, limit: int = 200) -> tuple[list[Grant], int]:
        """What a user has of others' servers, directly and through groups."""
        return await self._store(grants.page, self._clock(), user=user, through_groups=True, offset=offset, limit=limit)

    async def of_group(self, group: str, *, offset: int = 0, limit: int = 200) -> tuple[list[Grant], int]:
        return await self._store(grants.page, self._clock(), group=group, offset=offset, limit=limit)

    # ── withdrawing ──────────────────────────────────────────────────────────

    async def withdraw(self, invitation: Invitation, by: str, *, keep_grants: bool = False) -> None:
        """Take an invitation back, with all that came by it unless `keep_grants`. Fine when it is gone."""
        await self._told(
            await self._changes.write(_remove, invitation, keep_grants, by, self._clock()), invitation.handler
        )

    async def withdraw_grants(  # who, from whom and what: each by its name
        self, owner: str, server: str, *, user: str = "", group: str = "", scopes: Sequence[str] = (), by: str = ""
    ) -> None:
        """Take from one guest, or (none named) from all, these scopes or (none) everything."""
        gone = await self._changes.write(
            _withdraw, owner, server, user=user, group=group, scopes=scopes, by=by, now=self._clock()
        )
        await self._told(gone)

    async def _told(self, gone: Sequence[Grant], handler: str = "") -> None:
        """What is withdrawn is out of force already; a handler that fails changes nothing of that."""
        for grant in gone:
            for one in [self.handlers[handler]] if handler in self.handlers else self.handlers.values():
                try:
                    await _patiently(one, one.revoke(grant))
                except Exception:
                    log.exception("share handler %r failed to revoke grant %s", one.name, grant.id)


# ── rules ────────────────────────────────────────────────────────────────────


async def _patiently[R](handler: ShareHandler, answer: Awaitable[R]) -> R:
    """What the handler answers; Unavailable where it does not."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except TimeoutError:
        log.error("share handler %r has not answered within %g seconds", handler.name, PATIENCE)
        raise Unavailable("sharing does not work at the moment", retry_after=30) from None


def known_scopes(scopes: Sequence[str], owner: str, server: str, table: Table) -> tuple[str, ...]:
    """See `Shares.known_scopes`; `table` has all scopes that there are."""
    mine = f"server={owner}/{server}"
    found = []
    for scope in scopes or ("access:servers",):
        name, _, filter_ = scope.partition("!")
        if name not in table or name in ("self", "inherit", "(no_scope)"):
            raise BadInput(f"Scope {plain(scope)!r} for share does not exist")
        if filter_ and filter_ != mine:
            raise BadInput(f"!{plain(filter_)} not allowed on sharing {plain(scope)}, only !{plain(mine)}")
        found.append(f"{name}!{mine}")
    return tuple(sorted(set(found)))


def _possible(code: str) -> bool:
    """Can this be a code at all? Nothing is looked up for what cannot."""
    return 0 < len(code) <= LONGEST_CODE and code.isascii() and code.isprintable()


def _checked(made: Invitation, request: ShareRequest, owner: str, server: str, handler: ShareHandler) -> Invitation:
    """What a handler made is of this server and gives no more than was asked for; else PluginError."""
    if not isinstance(made, Invitation) or (made.owner, made.server) != (owner, server):
        raise PluginError(f"share handler {handler.name!r} made an invitation to something else")
    if not (set(made.scopes) <= set(request.scopes) and within(made.path, request.path)):
        raise PluginError(f"share handler {handler.name!r} offers more than was asked for")
    if not _fit(made):
        raise BadInput("what is view only, or of one path, is shared with the scope 'access:servers' and no other")
    for grant in made.grants:
        _check_grant(grant, handler)
        if not _no_more(grant, made):
            raise PluginError(f"share handler {handler.name!r} offers more than was asked for")
    if made.code and not _possible(made.code):
        raise PluginError(f"share handler {handler.name!r} made a code that is none")
    return made


def _check_grant(grant: Grant, handler: ShareHandler) -> None:
    if not isinstance(grant, Grant) or bool(grant.user) == bool(grant.group):
        raise PluginError(f"share handler {handler.name!r} gave something that is no grant")
    ending = f"!server={grant.owner}/{grant.server}"
    if not grant.scopes or not all(scope.endswith(ending) for scope in grant.scopes):
        raise PluginError(f"share handler {handler.name!r} gave scopes of something else than the server")
    if not _fit(grant):
        raise PluginError(f"share handler {handler.name!r} gave rights over a server that it shows only in part")


def _fit(offer: Grant | Invitation) -> bool:
    """Less than a server lets somebody in there, and gives no other right over it."""
    access = (f"access:servers!server={offer.owner}/{offer.server}",)
    return offer.scopes == access if offer.view_only or offer.path else True


def _no_more(grant: Grant, offer: Invitation) -> bool:
    """Does it keep to what was offered?"""
    return (
        set(grant.scopes) <= set(offer.scopes)
        and within(grant.path, offer.path)
        and (grant.view_only or not offer.view_only)
    )


# ── units of work ────────────────────────────────────────────────────────────


def _add(db: Transaction, invitation: Invitation, by: str) -> Invitation:
    kept = invitations.add(db, invitation, digest(invitation.code) if invitation.code else "")
    to = " ".join(grant.user or f"group {grant.group}" for grant in invitation.grants) or kept.prefix
    where = f"{invitation.owner}/{invitation.server}"
    what = f"{kept.id} {invitation.handler} {to} {invitation.path}".rstrip()
    audit.add(db, invitation.created, by, "share.add", where, what[:500])
    return kept


def _accept(db: Transaction, grant: Grant, now: float) -> tuple[Grant, bool]:
    kept, new = invitations.accept(db, grant, now)
    if new:
        audit.add(db, now, f"user:{grant.user}", "share.accept", f"{kept.owner}/{kept.server}", kept.invitation)
    return kept, new


def _remove(db: Transaction, invitation: Invitation, keep_grants: bool, by: str, now: float) -> list[Grant]:
    gone = invitations.remove(db, invitation.id, keep_grants=keep_grants)
    audit.add(db, now, by, "share.remove", f"{invitation.owner}/{invitation.server}", invitation.id)
    return gone


def _withdraw(
    db: Transaction,
    owner: str,
    server: str,
    *,
    user: str,
    group: str,
    scopes: Sequence[str],
    by: str,
    now: float,
) -> list[Grant]:
    gone = grants.withdraw(db, owner, server, user=user, group=group, scopes=scopes)
    who = user or (f"group {group}" if group else "everybody")
    audit.add(db, now, by, "share.withdraw", f"{owner}/{server}", f"{who} {' '.join(scopes)}"[:500])
    return gone
