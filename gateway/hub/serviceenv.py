"""What a managed service finds in its environment: JupyterHub's variables, so that its services run here. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gateway.clients import service_client
from gateway.model import digest
from gateway.routes import service_url
from gateway.settings import ServiceSettings, Settings

TOKENS = ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN")
"""The second one is how old clients call it."""


def variables(settings: Settings, service: ServiceSettings) -> dict[str, str]:
    """All but its token. The API is reached through a worker, from the same machine."""
    base = settings.gateway.base_path
    prefix = service_url(base, service.name)
    access = json.dumps(["access:services", f"access:services!service={service.name}"])
    found = {
        "JUPYTERHUB_SERVICE_NAME": service.name,
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_API_URL": f"{settings.local_url}hub/api",
        "JUPYTERHUB_BASE_URL": base,
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_CLIENT_ID": service.oauth_client_id or service_client(service.name),
        "JUPYTERHUB_OAUTH_CALLBACK_URL": service.oauth_redirect_uri or f"{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": access,
        "JUPYTERHUB_OAUTH_SCOPES": access,
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": json.dumps(list(service.oauth_client_allowed_scopes)),
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
    }
    if service.url:
        found["JUPYTERHUB_SERVICE_URL"] = service.url
    if origin := settings.gateway.public_url:
        found["JUPYTERHUB_PUBLIC_HUB_URL"] = f"{origin}{base}hub/"
        if service.url:
            found["JUPYTERHUB_PUBLIC_URL"] = f"{origin}{prefix}"
    return found


def with_token(found: Mapping[str, str], token: str) -> dict[str, str]:
    return {**found, **dict.fromkeys(TOKENS, token)}


def order(service: ServiceSettings, found: Mapping[str, str]) -> str:
    """A digest of all that a start is made of: when it has changed, a process that runs is not the one wanted."""
    profile = service.profile(found)
    what = [profile.command, dict(sorted(profile.env.items())), profile.cwd, service.url, digest(service.api_token)]
    return digest(json.dumps(what))
