"""What a hub-aware server finds in its environment: JupyterHub's variables. Pure."""

from __future__ import annotations

import json

from gateway.clients import Client
from gateway.model import Launch
from gateway.routes import escape
from gateway.settings import Settings

TOKEN, OLD_TOKEN = "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"
"""The second one is how old clients call it."""


def variables(settings: Settings, launch: Launch, client: Client, token: str) -> dict[str, str]:
    """All but `JUPYTERHUB_SERVICE_URL`. The API is reached through a worker, from the same machine."""
    base, server = settings.gateway.base_path, launch.server
    api = f"{settings.local_url}hub/api"
    access = json.dumps([client.access, f"access:servers!user={server.user}"])
    found = {
        TOKEN: token,
        OLD_TOKEN: token,
        "JUPYTERHUB_CLIENT_ID": client.id,
        "JUPYTERHUB_OAUTH_CALLBACK_URL": client.redirect_uri,
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": access,
        "JUPYTERHUB_OAUTH_SCOPES": access,
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": json.dumps(list(client.scopes)),
        "JUPYTERHUB_USER": server.user,
        "JUPYTERHUB_SERVER_NAME": server.name,
        "JUPYTERHUB_API_URL": api,
        "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/{escape(server.user)}/activity",
        "JUPYTERHUB_BASE_URL": base,
        "JUPYTERHUB_SERVICE_PREFIX": launch.base_url,
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
    }
    if origin := settings.gateway.public_url:
        found["JUPYTERHUB_PUBLIC_HUB_URL"] = f"{origin}{base}hub/"
        found["JUPYTERHUB_PUBLIC_URL"] = f"{origin}{launch.base_url}"
    if launch.profile.memory:
        found["MEM_LIMIT"] = str(launch.profile.memory)
    return found
