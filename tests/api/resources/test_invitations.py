"""Our own dialect's invitations: from one to the other, and everybody who should not get in."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.hub.guesses import PER_ACCOUNT
from gateway.model import Server
from gateway.store import servers
from tests.api.person import FETCH, Person
from tests.api.resources.sharing_world import ACCESS, SERVER, class_of, invited, shared_with

type Program = Callable[..., Awaitable[Person]]


async def accept(person: Person, code: str) -> Any:
    return await person.send("POST", f"api/shares/{code}/accept")


async def test_from_an_invitation_to_its_end(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    hub.public_url = "https://hub.example/"
    made = await invited(root, user="alice", expires_in=3600)
    code = made["code"]
    assert made["url"] == f"https://hub.example/hub/accept-share?code={code}"
    assert (made["server"], made["scopes"], made["handler"]) == (SERVER, [ACCESS], "code")
    assert made["code_prefix"] == code[:4]
    seen = await bob.send("GET", f"api/shares/{code}")
    assert seen.status_code == 200
    assert (seen.json["server"], seen.json["expires_at"]) == (SERVER, made["expires_at"])
    assert await shared_with(bob, "bob") == [], "looking is not accepting"
    first = await accept(bob, code)
    assert first.status_code == 200
    assert first.json == {
        "server": SERVER, "url": "https://hub.example/user/alice/", "scopes": [ACCESS],
        "expires_at": made["expires_at"], "view_only": False, "path": "",
    }  # fmt: skip
    assert (await accept(bob, code)).json == first.json
    assert await shared_with(bob, "bob") == [[ACCESS]]
    assert (await bob.send("DELETE", f"api/shares/{code}")).status_code == 403
    assert (await root.send("DELETE", f"api/shares/{code}")).status_code == 204
    assert await shared_with(bob, "bob") == []
    assert (await accept(bob, code)).status_code == 404
    assert (await root.send("DELETE", f"api/shares/{code}")).status_code == 404


async def test_one_path_in_both_dialects(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    made = await invited(root, path="/files/my plots/")
    assert (made["path"], made["view_only"]) == ("files/my%20plots", False)
    assert (await bob.send("GET", f"api/shares/{made['code']}")).json["path"] == "files/my%20plots"
    taken = (await accept(bob, made["code"])).json
    assert (taken["path"], taken["url"]) == ("files/my%20plots", hub.public_url + "user/root/files/my%20plots")
    direct = await invited(root, handler="direct", with_user="bob", path="lab", expires_in=None)
    assert direct["url"] == hub.public_url + "user/root/lab"
    for person, path in ((bob, "users/bob/shared"), (root, "shares/root/")):
        found = (await person.api("GET", path)).json["items"]
        assert [(each["path"], each["view_only"]) for each in found] == [("files/my%20plots", False), ("lab", False)]
    (code,) = (await root.api("GET", "share-codes/root/")).json["items"]
    assert code["path"] == "files/my%20plots"
    whole = await root.api("POST", "shares/root/", {"user": "bob"})
    assert "path" not in whole.json and "view_only" not in whole.json, "as JupyterHub says it"
    assert (await bob.api("DELETE", "users/bob/shared/root/")).status_code == 204, "he leaves all of it"
    assert await shared_with(bob, "bob") == []


async def test_what_i_share(hub: Hub, program: Program) -> None:
    await class_of(hub, "bob")
    root, bob = await program("root"), await program("bob")
    code = (await invited(root, uses=1))["code"]
    await accept(bob, code)
    direct = await invited(root, handler="direct", with_group="class", expires_in=None)
    assert (direct["code"], direct["url"], direct["expires_at"]) == (None, hub.public_url + "user/root/", None)
    mine = await root.send("GET", "api/shares")
    assert [(each["handler"], each["uses"], each["max_uses"]) for each in mine.json] == [
        ("code", 1, 1),
        ("direct", 0, None),
    ]
    assert [(guest["user"], guest["group"]) for each in mine.json for guest in each["guests"]] == [
        ("bob", None),
        (None, "class"),
    ]
    assert code not in mine.text
    assert (await root.send("GET", f"api/shares/{direct['id']}")).json["handler"] == "direct"
    for method in ("GET", "DELETE"):
        assert (await bob.send(method, f"api/shares/{direct['id']}")).status_code == 403
        assert (await bob.send(method, "api/shares/sc_999")).status_code == 403
        assert (await root.send(method, "api/shares/sc_999")).status_code == 404
    assert (await root.send("DELETE", f"api/shares/{direct['id']}")).status_code == 204
    assert (await bob.send("GET", "api/shares")).json == []


async def test_only_so_many(hub: Hub, program: Program) -> None:
    root, bob, other = await program("root"), await program("bob"), await program("x y")
    code = (await invited(root, uses=1))["code"]
    assert (await accept(root, code)).status_code == 400, "one's own"
    assert (await accept(bob, code)).status_code == 200
    assert (await accept(other, code)).status_code == 410
    assert (await accept(bob, code)).status_code == 200, "the same grant again"


async def test_only_so_long(hub: Hub, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    root, bob = await program("root"), await program("bob")
    code = (await invited(root, expires_in=60))["code"]
    clock = hub.shares._clock
    monkeypatch.setattr(hub.shares, "_clock", lambda: clock() + 61)
    assert (await accept(bob, code)).status_code == 410
    assert (await bob.send("GET", f"api/shares/{code}")).status_code == 410
    assert (await root.send("DELETE", f"api/shares/{code}")).status_code == 204


async def test_it_is_off_by_default_and_says_what_turns_it_on(hub: Hub, program: Program) -> None:
    bob = await program("bob")
    for fields in ({}, {"user": "alice"}, {"server_name": "none"}, {"user": "nobody"}):
        result = await bob.send("POST", "api/shares", json.dumps(fields))
        assert result.status_code == 403
        assert "[sharing] users_may_share" in result.json["message"]


async def test_ones_own_server(hub: Hub, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.identities._scoping, "_extra", ("shares!user",))
    alice, bob = await program("alice"), await program("bob")
    made = await invited(alice)
    assert (await accept(bob, made["code"])).status_code == 200
    assert (await bob.send("POST", "api/shares", '{"user": "alice"}')).status_code == 403, "guests invite nobody"
    result = await alice.send("POST", "api/shares", '{"scopes": ["admin:server_state"]}')
    assert (result.status_code, "permission to grant" in result.json["message"]) == (403, True)
    narrow = await program("alice", "read:users!user")
    assert (await narrow.send("POST", "api/shares")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"server_name": "none"}, 404),
        ({"user": "nobody"}, 404),
        ({"server_name": "gpu"}, 201),
        ({"user": "ALICE"}, 201),
        ({"expires_in": 59}, 400),
        ({"expires_in": 31_536_001}, 400),
        ({"expires_in": None}, 400),
        ({"expires_in": True}, 400),
        ({"expires_in": 1e3}, 400),
        ({"uses": 0}, 400),
        ({"handler": "nothing"}, 400),
        ({"handler": "view"}, 201),
        ({"handler": "view", "with_user": "bob", "path": "lab"}, 201),
        ({"handler": "view", "with_user": "bob", "path": "api/contents"}, 201),
        ({"path": "api/contents"}, 400),
        ({"handler": "view", "with_user": "bob", "uses": 1}, 400),
        ({"handler": "view", "scopes": ["access:servers", "servers"]}, 400),
        ({"handler": "direct"}, 400),
        ({"handler": "direct", "with_user": "nobody"}, 400),
        ({"handler": "direct", "with_user": "bob", "with_group": "x"}, 400),
        ({"handler": "direct", "with_user": "bob", "uses": 1}, 400),
        ({"with_user": "bob"}, 400),
        ({"scopes": ["nonsense"]}, 400),
        ({"scopes": ["access:servers!server=bob/"]}, 400),
        ({"path": "lab", "scopes": ["access:servers", "servers"]}, 400),
        ({"path": "files/../lab"}, 400),
        ({"path": "files/%2e%2e/lab"}, 400),
        ({"path": "x" * 1001}, 400),
        ({"path": "/files/plots/"}, 201),
        ({"more": 1}, 400),
        ({"server_name": "x" * 100_000}, 404),
    ],
)
async def test_what_can_be_asked_for(hub: Hub, program: Program, fields: dict[str, Any], status: int) -> None:
    await hub.store(servers.put, Server("root", "gpu"))
    root = await program("root")
    result = await root.send("POST", "api/shares", json.dumps(fields))
    assert result.status_code == status, result.text
    assert len(result.text) < 2000


# ── attack 30 ────────────────────────────────────────────────────────────────


async def test_guessing_at_speed(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    code = (await invited(root))["code"]
    statuses = [(await accept(bob, f"{code[:-2]}{number:02}")).status_code for number in range(PER_ACCOUNT + 3)]
    assert statuses == [404] * PER_ACCOUNT + [429] * 3
    late = await accept(bob, code)
    assert late.status_code == 429, "by then the right one is refused as well"
    assert int(late.headers["Retry-After"]) >= 1
    for method in ("GET", "DELETE"):
        assert (await bob.send(method, f"api/shares/{code}")).status_code == 429
    assert await shared_with(bob, "bob") == []
    other = await program("x y")
    assert (await accept(other, code)).status_code == 200, "others are not held up"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_accepted_by_post_only(hub: Hub, program: Program, method: str) -> None:
    root, bob = await program("root"), await program("bob")
    code = (await invited(root))["code"]
    assert (await bob.send(method, f"api/shares/{code}/accept")).status_code == 405
    assert await shared_with(bob, "bob") == []


async def test_another_site_accepts_nothing_for_me(hub: Hub, program: Program, person: Any) -> None:
    """A page that a guest visits makes the browser call: without the proof of our own pages it is refused."""
    root, bob = await program("root"), await person("bob")
    code = (await invited(root))["code"]
    foreign = {**FETCH, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert (await bob.send("POST", f"api/shares/{code}/accept", headers=foreign)).status_code in (401, 403)
    assert await hub.shares.of_user("bob") == ([], 0)


@pytest.mark.parametrize("code", ["%00", "%F0%9F%98%80", "..", "a%2Fb", "x" * 5000, "' OR 1=1", "sc_1", "%25"])
async def test_codes_that_are_none(hub: Hub, program: Program, code: str) -> None:
    root, bob = await program("root"), await program("bob")
    await invited(root)
    assert (await accept(bob, code)).status_code == 404
    assert await shared_with(bob, "bob") == []


async def test_who_may_accept(hub: Hub, program: Program) -> None:
    root = await program("root")
    code = (await invited(root))["code"]
    narrow = await program("bob", "read:users:name!user=bob")
    assert (await accept(narrow, code)).status_code == 403
    assert (await accept(Person(root.conductor), code)).status_code == 401
    assert (await Person(root.conductor).send("GET", f"api/shares/{code}")).status_code == 401
