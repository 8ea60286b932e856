"""Hub-aware servers: what each is given at its start, so that it can ask the hub who comes.

A token of its own, which is also its secret as an OAuth client, and JupyterHub's variables. The
value of the token is in the server's environment and nowhere else; the store has its digest. Both
end with the server (`starts.keep`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from gateway.clients import Client, bound, server_client
from gateway.hub import serverenv
from gateway.hub.changes import ChangeLog
from gateway.hub.roles import Roles
from gateway.hub.tokens import PREFIX
from gateway.model import Launch, Target, Token, digest
from gateway.settings import Settings
from gateway.store import oauth, tokens
from gateway.store.work import Transaction

ACTIVITY = "users:activity!user"
"""What every server's token may, whatever the role `server` says."""


class HubAware:
    def __init__(self, settings: Settings, roles: Roles, *, changes: ChangeLog, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._scopes = tuple(dict.fromkeys((*roles.defined["server"].scopes, ACTIVITY)))
        self._changes = changes
        self._clock = clock

    async def equipped(self, launch: Launch) -> Launch:
        """With a new token, and a client that knows it, if the profile is for hub-aware servers."""
        if launch.profile.auth != "jupyterhub":
            return launch
        value = secrets.token_urlsafe(32)
        client = self._client(launch, digest(value))
        await self._changes.write(_register, client, self._token(client, value), self._clock())
        return replace(launch, env={**launch.env, **serverenv.variables(self._settings, launch, client, value)})

    async def spawned(self, launch: Launch, target: Target) -> None:
        """If it came back with an older token, that one is its own from now on, and the new one is nobody's."""
        value = target.api_token
        if launch.profile.auth != "jupyterhub" or not value or value == launch.env.get(serverenv.TOKEN):
            return
        client = self._client(launch, digest(value))
        await self._changes.write(_register, client, self._token(client, value), self._clock())

    def _client(self, launch: Launch, secret: str) -> Client:
        server = launch.server
        client = Client(
            id=server_client(server.user, server.name),
            redirect_uri=f"{launch.base_url}oauth_callback",
            secret=secret,
            description=f"Server at {launch.base_url}",
            user=server.user,
            server=server.name,
        )
        return replace(client, scopes=bound(launch.profile.oauth_client_allowed_scopes, client))

    def _token(self, client: Client, value: str) -> Token:
        scopes = bound(self._scopes, client)
        return Token("", "user", client.user, value[:PREFIX], scopes, client.description, self._clock(), None, None)


def _register(db: Transaction, client: Client, token: Token, now: float) -> None:
    """The client with this secret and no other; a token of that digest may be there already if it is the server's."""
    known = oauth.client(db, client.id)
    if known and known.secret != client.secret:
        tokens.remove_value(db, known.secret)
    if not (known and known.secret == client.secret):
        tokens.add(db, token, client.secret)
    oauth.put(db, client, now)
