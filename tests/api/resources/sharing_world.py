"""Calls that several tests of sharing make."""

from __future__ import annotations

from typing import Any

from gateway.hub.core import Hub
from gateway.store import users
from tests.api.person import Person

ACCESS = "access:servers!server=alice/"
SERVER = {"user": {"name": "alice"}, "name": "", "url": "/user/alice/", "full_url": None, "ready": False}
PAGED = {"offset": 0, "limit": 200, "total": 1, "next": None}


async def class_of(hub: Hub, *names: str) -> None:
    for name in names:
        await hub.changes.write(users.set_groups, name, ["class"])


async def shared_with(person: Person, name: str) -> list[list[str]]:
    """The scopes of all that `name` has of others."""
    result = await person.api("GET", f"users/{name}/shared")
    assert result.status_code == 200, result.text
    return [share["scopes"] for share in result.json["items"]]


async def invited(person: Person, **fields: Any) -> dict[str, Any]:
    """By our own dialect."""
    import json

    result = await person.send("POST", "api/shares", json.dumps(fields))
    assert result.status_code == 201, result.text
    found: dict[str, Any] = result.json
    return found
