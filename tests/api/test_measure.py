"""What the hub answers is counted by its handler."""

from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person

NAME = "jupyterhub_request_duration_seconds_count"


def count(hub: Hub, handler: str, code: str, method: str = "GET") -> float | None:
    return hub.metrics.registry.get_sample_value(NAME, {"method": method, "handler": handler, "code": code})


async def test_by_handler_method_and_code(hub: Hub, root: Person, stranger: Person) -> None:
    await root.api("GET", "users")
    await stranger.api("GET", "users")
    await stranger.page("hub/no-such-page")
    assert count(hub, "api.resources.users.Users", "200") == 1
    assert count(hub, "api.resources.users.Users", "403") == 1
    assert count(hub, "none", "404") == 1
