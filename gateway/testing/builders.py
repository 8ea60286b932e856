"""Requests, people, places, calls and launches in a line each; and a plugin behind the gateway's own door."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pluggy

from gateway.hookspecs import PROJECT, ApiCall, Denial, Hookspecs, Place, Visit
from gateway.model import Identity, Json, Launch, Profile, Server, Target
from gateway.pluginmanager import Hooks
from gateway.settings import Settings
from gateway.testing.fakes import NOON

type Kind = Literal["hub", "server", "service", "custom"]


def visit(line: str = "GET /user/alice/lab", headers: Mapping[str, str] | None = None, **fields: Any) -> Visit:
    """A request as a policy sees it: `visit("GET /user/alice/lab", now=…, client="192.0.2.7")`."""
    method, _, path = line.partition(" ")
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    made = Visit(
        method=method,
        path=path,
        client="192.0.2.7",
        host="hub.example.org",
        origin="https://hub.example.org",
        navigation="text/html" in lower.get("accept", ""),
        upgrade=lower.get("upgrade", ""),
        content_type=lower.get("content-type", "").partition(";")[0].strip().lower(),
        headers=lower,
        now=NOON,
    )
    return replace(made, **fields)


def identity(name: str = "alice", **fields: Any) -> Identity:
    """A user with a session; `groups`, `admin`, `scopes` and the others as in `gateway.model.Identity`."""
    made = Identity("user", name, frozenset(), "session", "", "1")
    return replace(made, **{**fields, "scopes": frozenset(fields.get("scopes", ()))})


def place(
    kind: Literal["hub", "server", "service", "custom"] = "server", owner: str = "alice", name: str = ""
) -> Place:
    """Where a request leads: a server of `owner` called `name`, a service called `name`, or the hub."""
    match kind:
        case "server":
            return Place(kind, f"/user/{owner}" + (f"/{name}" if name else ""), owner, name)
        case "service":
            return Place(kind, f"/services/{name}", service=name)
        case "custom":
            return Place(kind, f"/{name}")
        case _:
            return Place(kind, "/hub")


def call(
    caller: Identity | None = None,
    *,
    fields: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: Json = None,
) -> ApiCall:
    """A call of an API route."""
    return ApiCall(caller or identity(), fields or {}, query or {}, {} if body is None else body)


def launch(folder: Path, command: Sequence[str], *, base_url: str = "/user/alice/", **profile: Any) -> Launch:
    """A start of alice's server, with a start id of its own; `profile` as in `gateway.model.Profile`."""
    profile.setdefault("auth", "none")
    profile.setdefault("cwd", str(folder))
    server = Server("alice", "", generation=1, start_id=uuid.uuid4().hex, secret="of-the-server")  # noqa: S106  # of nobody
    return Launch(
        server=server,
        profile=Profile("test", "Test", tuple(command), **profile),
        base_url=base_url,
        log_file=str(folder / "logs" / "server.log"),
    )


def started(launch: Launch, target: Target | None) -> Launch:
    """The launch as the hub hands it back once the target is kept."""
    return replace(launch, server=replace(launch.server, target=target))


def plugged(plugin: object, name: str = "plugin", *others: object, **sections: Any) -> Hooks:
    """The gateway's own door with this plugin behind it, and settings: `plugged(module, "hours", plugins={…})`.

    `PluginError` where it does not fit; what else is wrong with it is in `.faults`.
    """
    from gateway.errors import PluginError  # noqa: PLC0415  # for the message only

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    for number, each in enumerate((plugin, *others)):
        try:
            manager.register(each, name if not number else f"{name}-{number}")
            manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name!r} does not fit this version of Hubgate: {error}") from None
    return Hooks(manager, Settings.model_validate(sections))


def judged(hooks: Hooks, request: Visit, who: Identity | None, where: Place) -> Denial | None:
    """What the policies of `[policy] plugins` say; the first that is no None."""
    seen = {"request": request, "identity": who, "route": where}
    for policy in hooks.policies():
        said = policy.function(**{name: seen.get(name, policy.options) for name in policy.asks_for})
        if said is not None:
            assert isinstance(said, Denial), f"a policy gives a Denial or None, not {said!r}"
            return said
    return None
