from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]
type Someone = Callable[[str], Awaitable[Person]]


async def test_where_somebody_is_logged_in(alice: Person, person: Someone) -> None:
    other = await person("alice")
    mine = (await alice.rest("GET", "users/alice/sessions")).json
    assert [session["current"] for session in mine] == [False, True]
    assert mine[0]["address"] == "192.0.2.7"
    assert (await alice.rest("GET", f"users/alice/sessions/{mine[0]['id']}")).json == mine[0]
    theirs = (await other.rest("GET", "users/alice/sessions")).json
    assert [session["current"] for session in theirs] == [True, False]


async def test_one_session_ends(person: Someone, program: Program) -> None:
    first, second, manager = await person("alice"), await person("alice"), await program("root")
    newest = (await manager.rest("GET", "users/alice/sessions")).json[0]["id"]
    assert (await manager.rest("DELETE", f"users/alice/sessions/{newest}")).status_code == 204
    assert (await second.rest("GET", "user")).status_code == 401
    assert (await first.rest("GET", "user")).status_code == 200
    assert (await manager.rest("DELETE", f"users/alice/sessions/{newest}")).status_code == 404


async def test_all_sessions_end(person: Someone, program: Program) -> None:
    people = [await person("alice") for _ in range(2)]
    bob = await person("bob")
    manager = await program("root")
    assert (await manager.rest("DELETE", "users/alice/sessions")).status_code == 204
    assert [(await each.rest("GET", "user")).status_code for each in people] == [401, 401]
    assert (await bob.rest("GET", "user")).status_code == 200
    assert (await manager.rest("GET", "users/alice/sessions")).json == []


async def test_whose(person: Someone, program: Program, alice: Person) -> None:
    await person("bob")
    manager, caller = await program("root"), await program("alice")
    of_bob = (await manager.rest("GET", "users/bob/sessions")).json[0]["id"]
    for path in ("users/bob/sessions", f"users/bob/sessions/{of_bob}", "users/nobody/sessions"):
        assert (await caller.rest("GET", path)).status_code == 403
        assert (await caller.rest("DELETE", path)).status_code == 403
    for id in (of_bob, "0", "x", "9" * 30, "1%00"):
        assert (await caller.rest("GET", f"users/alice/sessions/{id}")).status_code == 404
        assert (await caller.rest("DELETE", f"users/alice/sessions/{id}")).status_code == 404
    assert (await manager.rest("GET", "users/nobody/sessions")).status_code == 404
    assert (await manager.rest("GET", "users/bob/sessions")).json
