"""The one place where scopes are checked, with JupyterHub's 403 and 404 rules.

No credential: 403 (401 in our own dialect; a page leads to log-in). Scope not held: 403.
Scope held, but for other resources: 404, so that nobody learns what exists (403 in our own
dialect, whether it exists or not).
"""

from __future__ import annotations

from collections.abc import Collection

from api.request import Request
from gateway import scopes
from gateway.errors import Forbidden
from gateway.hub.core import Hub
from gateway.model import Identity


def actor(identity: Identity) -> str:
    """Who did it, as the audit writes it."""
    return f"{identity.kind}:{identity.name}"


class Access:
    """Judges scopes; knows the hub, because a filter may name a group of the owner."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def require(
        self,
        req: Request,
        *names: str,
        user: str = "",
        server: str | None = None,
        group: str = "",
        service: str = "",
        filters: bool = False,
    ) -> Identity:
        """The caller, who holds one of the scopes `names` for this resource.

        `user` is the resource's owner, `server` a server's name if it is one. With `filters`
        a scope that is held for some resources is enough.
        """
        identity = req.caller
        if await self.holds(identity, *names, user=user, server=server, group=group, service=service):
            return identity
        missing = Forbidden(
            f"Action is not authorized with current scopes; requires any of [{', '.join(names)}]",
            key="scope-missing",
            about={"scopes": ", ".join(names)},
        )
        partly = any(held.partition("!")[0] in names for held in identity.scopes)
        if partly and filters:
            return identity
        # Where the path names nothing there is nothing to hide: a filtered scope does not do.
        if partly and (user or group or service):
            raise req.dialect.not_yours(missing)
        raise missing

    async def holds(
        self,
        identity: Identity,
        *names: str,
        user: str = "",
        server: str | None = None,
        group: str = "",
        service: str = "",
    ) -> bool:
        """Does the caller hold one of the scopes `names` for this resource?"""
        held = identity.scopes
        if any(
            scopes.allows(held, name, user=user, server=server, groups=(group,) if group else (), service=service)
            for name in names
        ):
            return True
        groups = await self._groups(identity, names, user)
        return any(scopes.allows(held, name, groups=groups) for name in names)

    async def _groups(self, identity: Identity, names: Collection[str], user: str) -> tuple[str, ...]:
        """The owner's groups, read only if a scope in question is filtered by group."""
        if not user or not any(held.startswith(f"{name}!group=") for name in names for held in identity.scopes):
            return ()
        found = await self._hub.users.get(user)
        return found.groups if found else ()
