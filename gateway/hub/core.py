"""Hub: the parts of the control plane, opened, started and closed together.

The API gets this object and nothing else; pages, resources and the command's
subcommands are thin over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.hookspecs import Authenticator
from gateway.hub.identities import Identities
from gateway.hub.keys import Keys
from gateway.hub.servers import Servers
from gateway.hub.sessions import Sessions
from gateway.hub.tokens import Tokens
from gateway.hub.users import Users
from gateway.pluginmanager import Hooks
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.hub.workers import Workers


class Hub:
    settings: Settings
    hooks: Hooks
    authenticators: list[Authenticator]
    """In the settings' order; each has `.name` and `.display_name`."""
    keys: Keys
    users: Users
    sessions: Sessions
    tokens: Tokens
    identities: Identities
    servers: Servers
    workers: Workers
    """`workers.listing() -> list[Connected(worker, pid, since)]`, `len(hub.workers)`."""

    @classmethod
    async def open(cls, settings: Settings, secret: str, hooks: Hooks | None = None) -> Hub:
        """Open the store and make the parts. Nothing runs yet: enough for the command's calls."""
        raise NotImplementedError

    async def start(self) -> None:
        """Follow the change log, adopt what runs, publish the routes."""
        raise NotImplementedError

    async def close(self, stop_servers: bool = False) -> None:
        """End the tasks (and first the servers), write what is pending, close the store."""
        raise NotImplementedError
