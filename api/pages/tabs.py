"""The pages of the administration that somebody may see. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Tab:
    name: Annotated[str, "As templates call it"]
    label: Annotated[str, "The message that names it"]
    place: Annotated[tuple[str, ...], "Where it is, below the administration's first page"]
    scope: Annotated[str, "What its page asks for"]
    partly: Annotated[bool, "Is that scope for some of them enough?"] = False


TABS = (
    Tab("servers", "admin-servers", (), "read:servers", partly=True),
    Tab("users", "admin-users", ("users",), "list:users", partly=True),
    Tab("signups", "signups", ("signups",), "admin:users", partly=True),
    Tab("groups", "groups", ("groups",), "list:groups", partly=True),
    Tab("services", "services", ("services",), "list:services"),
    Tab("roles", "roles", ("roles",), "read:roles"),
    Tab("routes", "routes", ("routes",), "proxy"),
    Tab("traffic", "traffic", ("traffic",), "read:traffic"),
    Tab("audit", "audit", ("audit",), "read:audit"),
    Tab("gateway", "gateway", ("gateway",), "read:hub"),
)


def tabs(held: Collection[str]) -> tuple[Tab, ...]:
    """Those of whoever holds these scopes, which are spelled out (see `gateway.scopes`)."""
    if "admin-ui" not in held:
        return ()
    partly = {scope.partition("!")[0] for scope in held}
    return tuple(tab for tab in TABS if tab.scope in (partly if tab.partly else held))
