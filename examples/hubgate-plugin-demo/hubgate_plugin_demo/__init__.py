"""One plugin of each kind. The hooks are here; what they offer is beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from gateway.hookspecs import (
    Addon,
    ApiCall,
    ApiRoute,
    Authenticator,
    Denial,
    HubView,
    Match,
    Place,
    ShareHandler,
    Spawner,
    Visit,
    hookimpl,
)
from gateway.model import Identity, Json
from hubgate_plugin_demo.friends import Friends
from hubgate_plugin_demo.guests import Guests
from hubgate_plugin_demo.plain import Plain
from hubgate_plugin_demo.provider import Provider


class Options(BaseModel):
    """`[plugins.demo]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    greeting: str = "hello"
    closed_paths: tuple[str, ...] = ("/closed/",)
    """Nobody but an administrator gets to a path of a server that has one of these in it."""


@hookimpl
def gateway_options() -> type[BaseModel]:
    return Options


@hookimpl
def gateway_authenticators() -> Mapping[str, type[Authenticator]]:
    return {"guests": Guests, "provider": Provider}


@hookimpl
def gateway_spawners() -> Mapping[str, type[Spawner]]:
    return {"plain": Plain}


@hookimpl
def gateway_share_handlers() -> Mapping[str, type[ShareHandler]]:
    return {"friends": Friends}


# ── a policy: a pure function ────────────────────────────────────────────────


@hookimpl
def gateway_policy(request: Visit, identity: Identity | None, route: Place, options: Options) -> Denial | None:
    if route.kind != "server" or (identity is not None and identity.admin):
        return None
    if any(place in request.path for place in options.closed_paths):
        return Denial("closed", "This part of the server is closed.")
    return None


# ── an addon: mitmproxy's hooks ──────────────────────────────────────────────


class Greets:
    """Adds a header to pages of servers."""

    def __init__(self, greeting: str) -> None:
        self.greeting = greeting

    def responseheaders(self, flow: Any) -> None:
        flow.response.headers["X-Demo"] = self.greeting


@hookimpl
def gateway_addons(options: Options) -> Sequence[Addon]:
    match = Match(kinds=("server",), methods=("GET",), response_types=("text/html", "application/json"))
    return [Addon("greets", match, Greets(options.greeting))]


# ── an event, and a route of the API that tells of it ────────────────────────

_visits: Counter[str] = Counter()
"""Log-ins since the hub has started; both hooks run in the hub's process."""


@hookimpl
def gateway_user_logged_in(name: str) -> None:
    _visits[name] += 1


@hookimpl
def gateway_api_routes(hub: HubView) -> Sequence[ApiRoute]:
    async def visits(call: ApiCall) -> Json:
        """How often a user has logged in since the hub has started."""
        return {"name": call.fields["user"], "visits": _visits[call.fields["user"]]}

    async def note(call: ApiCall) -> Json:
        """Keep a note about a user."""
        body = call.body if isinstance(call.body, dict) else {}
        await hub.storage.put(f"note:{call.fields['user']}", str(body.get("text", ""))[:1000])
        return {"text": await hub.storage.get(f"note:{call.fields['user']}")}

    return [
        ApiRoute("visits/{user}", visits, ("read:users:activity",)),
        ApiRoute("notes/{user}", note, ("admin:users",), "PUT"),
    ]
