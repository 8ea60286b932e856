"""The one place where scopes are checked, with JupyterHub's 403 and 404 rules.

No credential: 403 (401 in our own dialect; a page leads to log-in). Scope not held:
403. Scope held, but for other resources: 404, so that nobody learns what exists.
"""

from __future__ import annotations

from collections.abc import Collection

from api.request import Request
from gateway import scopes
from gateway.errors import Forbidden, HubgateError, NotFound
from gateway.hub.core import Hub
from gateway.model import Identity


class LoginNeeded(HubgateError):
    """Nobody is known to be calling."""

    status = 403


def caller(req: Request) -> Identity:
    """Who calls, or `LoginNeeded`."""
    if req.identity is None:
        raise LoginNeeded("Missing or invalid credentials.")
    return req.identity


def actor(identity: Identity) -> str:
    """Who did it, as the audit writes it."""
    return f"{identity.kind}:{identity.name}"


class Access:
    """Judges scopes; knows the hub, because a filter may name a group of the owner."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def require(self, req: Request, *names: str, user: str = "", server: str | None = None) -> Identity:
        """The caller, who holds one of the scopes `names` for this resource.

        `user` is the resource's owner, `server` a server's name if it is one.
        """
        identity = caller(req)
        if await self.holds(identity, *names, user=user, server=server):
            return identity
        if any(held.partition("!")[0] in names for held in identity.scopes):
            raise NotFound("No access to resources or resources not found")
        raise Forbidden(f"Action is not authorized with current scopes; requires any of [{', '.join(sorted(names))}]")

    async def holds(self, identity: Identity, *names: str, user: str = "", server: str | None = None) -> bool:
        """Does the caller hold one of the scopes `names` for this resource?"""
        groups = await self._groups(identity, names, user)
        return any(scopes.allows(identity.scopes, name, user=user, server=server, groups=groups) for name in names)

    async def _groups(self, identity: Identity, names: Collection[str], user: str) -> tuple[str, ...]:
        """The owner's groups, read only if a scope in question is filtered by group."""
        if not user or not any(held.startswith(f"{name}!group=") for name in names for held in identity.scopes):
            return ()
        found = await self._hub.users.get(user)
        return found.groups if found else ()
