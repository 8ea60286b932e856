"""JupyterHub's share codes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.model import Server
from gateway.store import servers
from tests.api.person import Person
from tests.api.resources.sharing_world import ACCESS, PAGED, SERVER, shared_with

type Program = Callable[..., Awaitable[Person]]


async def test_made_listed_accepted_and_deleted(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    made = (await root.api("POST", "share-codes/alice/", {"expires_in": 60})).json
    code = made.pop("code")
    assert (made.pop("accept_url"), made.pop("full_accept_url")) == (f"/hub/accept-share?code={code}", None)
    assert (made["server"], made["scopes"], made["exchange_count"]) == (SERVER, [ACCESS], 0)
    assert made["id"].startswith("sc_")
    for path in ("share-codes/alice", "share-codes/alice/"):
        result = await root.api("GET", path)
        assert result.json == {"items": [made], "_pagination": PAGED}
        assert code not in result.text
    await hub.shares.accept(code, "bob", "192.0.2.1")
    (listed,) = (await root.api("GET", "share-codes/alice")).json["items"]
    assert listed["exchange_count"] == 1
    assert listed["last_exchanged_at"].endswith("Z")
    assert (await root.api("DELETE", f"share-codes/alice/?code={code}")).status_code == 204
    assert (await root.api("DELETE", f"share-codes/alice/?code={code}")).status_code == 404
    assert await shared_with(bob, "bob") == [[ACCESS]], "as in JupyterHub, the code was only the way in"
    (share, _) = await hub.shares.of_user("bob")
    assert share[0].expires_at is None


async def test_deleting_by_id_and_all(hub: Hub, program: Program) -> None:
    root = await program("root")
    await hub.store(servers.put, Server("alice", "gpu"))
    ids = [(await root.api("POST", "share-codes/alice/")).json["id"] for _ in range(3)]
    other = (await root.api("POST", "share-codes/alice/gpu")).json["id"]
    await root.api("POST", "shares/alice/", {"user": "bob"})
    for wrong in (other, "sc_999", "sc_x", "7", "sc_", "sc_4"):
        assert (await root.api("DELETE", f"share-codes/alice/?id={wrong}")).status_code == 404
    assert (await root.api("DELETE", f"share-codes/alice/?id={ids[0]}")).status_code == 204
    assert [item["id"] for item in (await root.api("GET", "share-codes/alice/")).json["items"]] == ids[1:]
    assert (await root.api("DELETE", "share-codes/alice/")).status_code == 204
    assert [item["id"] for item in (await root.api("GET", "share-codes/alice")).json["items"]] == [other]
    assert (await root.api("GET", "shares/alice/")).json["_pagination"]["total"] == 1


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("share-codes/alice/", {"expires_in": 59}, 400),
        ("share-codes/alice/", {"expires_in": 0}, 400),
        ("share-codes/alice/", {"expires_in": 31_536_001}, 400),
        ("share-codes/alice/", {"expires_in": 31_536_000}, 200),
        ("share-codes/alice/", {"expires_in": "60"}, 400),
        ("share-codes/alice/", {"user": "bob"}, 400),
        ("share-codes/alice/", {"scopes": ["self"]}, 400),
        ("share-codes/alice/none", {}, 404),
        ("share-codes/nobody/", {}, 404),
        ("share-codes/alice", {}, 405),
    ],
)
async def test_what_cannot_be_made(hub: Hub, program: Program, path: str, fields: Any, status: int) -> None:
    root = await program("root")
    assert (await root.api("POST", path, fields)).status_code == status


async def test_strangers(hub: Hub, program: Program) -> None:
    bob = await program("bob")
    assert (await bob.api("POST", "share-codes/alice/")).status_code == 403
    assert (await bob.api("POST", "share-codes/bob/")).status_code == 403, "sharing is off by default"
    assert (await bob.api("DELETE", "share-codes/alice/")).status_code == 403
    assert (await bob.api("GET", "share-codes/alice")).status_code == 404
    assert (await bob.api("GET", "share-codes/bob")).json["items"] == []
    assert (await (await program("root")).api("GET", "share-codes/nobody")).status_code == 404
