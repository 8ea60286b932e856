"""Grants: who has what of whose server, and who hears of a change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.model import Grant, Invitation, Server
from gateway.store import changes, grants, invitations, servers, users
from gateway.store.store import Store
from gateway.store.work import Transaction
from tests.gateway.store.sharing import ACCESS, NOW, direct, given, people


async def test_granted_directly_and_through_groups(store: Store) -> None:
    await people(store)
    await store(invitations.add, direct(user="bob"), "")
    await store(invitations.add, direct("gpu", group="class", expires_at=NOW + 50), "")
    assert await given(store, "bob") == [(ACCESS, None), ("access:servers!server=alice/gpu", NOW + 50)]
    assert await given(store, "carol") == [("access:servers!server=alice/gpu", NOW + 50)]
    assert await given(store, "alice") == []
    assert await given(store, "bob", NOW + 50) == [(ACCESS, None)]


async def test_a_page_shows_one_entry_for_each_guest(store: Store) -> None:
    await people(store)
    for scopes in (("access:servers",), ("servers",)):
        await store(invitations.add, direct(user="bob", scopes=scopes, expires_at=NOW + 9 + len(scopes[0])), "")
    await store(invitations.add, direct(group="class"), "")
    found, total = await store(grants.page, NOW, owner="alice")
    assert total == 2
    assert [(each.user, each.group) for each in found] == [("bob", ""), ("", "class")]
    assert found[0].scopes == (ACCESS, "servers!server=alice/")
    assert found[0].expires_at == NOW + 9 + len("access:servers")
    assert (await store(grants.page, NOW, owner="alice", offset=1))[0] == found[1:]
    assert (await store(grants.page, NOW, owner="alice", server="gpu")) == ([], 0)
    assert (await store(grants.page, NOW, user="bob"))[0] == found[:1]
    assert (await store(grants.page, NOW, user="bob", through_groups=True))[0] == found
    assert (await store(grants.page, NOW, group="class"))[0] == found[1:]
    assert (await store(grants.page, NOW + 99, owner="alice"))[1] == 1


async def test_what_is_less_than_a_server_stands_by_itself(store: Store) -> None:
    await people(store)
    ways: list[dict[str, Any]] = [{}, {"view_only": True}, {"path": "lab"}, {"view_only": True, "path": "lab"}]
    for way in ways * 2:
        whole = direct(user="bob")
        await store(invitations.add, replace(whole, **way, grants=(replace(whole.grants[0], **way),)), "")
    found, total = await store(grants.page, NOW, owner="alice")
    assert total == 4, "the second one of a kind added to the first"
    assert [{"view_only": each.view_only, "path": each.path} for each in found] == [
        {"view_only": False, "path": ""} | way for way in ways
    ]
    kept, _ = await store(invitations.page, NOW, "alice", codes_only=False)
    assert [(each.view_only, each.path) for each in kept] == [(each.view_only, each.path) for each in found]
    assert len(await store(grants.withdraw, "alice", "", user="bob")) == 4


async def test_withdrawing_some_scopes_and_then_all(store: Store) -> None:
    await people(store)
    await store(invitations.add, direct(user="bob", scopes=("access:servers", "servers")), "")
    seen = await store(changes.revision)
    gone = await store(grants.withdraw, "alice", "", user="bob", scopes=("servers!server=alice/",))
    assert len(gone) == 1
    assert await given(store, "bob") == [(ACCESS, None)]
    assert (await store(changes.since, seen)).owners == ("user:bob",)
    assert await store(grants.withdraw, "alice", "", user="bob", scopes=("servers!server=alice/",)) == []
    assert await store(grants.withdraw, "alice", "gpu") == []
    assert len(await store(grants.withdraw, "alice", "")) == 1
    assert await given(store, "bob") == []
    assert (await store(invitations.page, NOW, "alice", codes_only=False))[1] == 0, "the empty invitation went along"


async def test_each_member_of_a_group_hears_of_it(store: Store) -> None:
    await people(store)
    seen = await store(changes.revision)
    await store(invitations.add, direct(group="class"), "")
    assert (await store(changes.since, seen)).owners == ("user:bob", "user:carol")
    seen = await store(changes.revision)
    await store(grants.withdraw, "alice", "", group="class")
    assert (await store(changes.since, seen)).owners == ("user:bob", "user:carol")


async def test_a_very_large_group_is_everybody(store: Store) -> None:
    await people(store)

    def enrol(db: Transaction) -> None:
        for number in range(grants.MANY):
            users.add(db, f"u{number}", False, NOW)
            users.set_groups(db, f"u{number}", ["class"])

    await store(enrol)
    seen = await store(changes.revision)
    await store(invitations.add, direct(group="class"), "")
    assert (await store(changes.since, seen)).everything


async def test_guests_hear_of_a_server_and_an_owner_that_go(store: Store) -> None:
    """Or they would have what comes next under the same name."""
    await people(store)
    await store(invitations.add, direct("gpu", user="bob"), "")
    await store(invitations.add, direct(user="carol"), "")
    seen = await store(changes.revision)
    await store(servers.remove, "alice", "gpu")
    assert (await store(changes.since, seen)).owners == ("user:bob",)
    assert await given(store, "bob") == []
    seen = await store(changes.revision)
    await store(users.remove, "alice")
    assert set((await store(changes.since, seen)).owners) == {"user:alice", "user:carol"}
    await store(users.add, "alice", False, NOW)
    await store(servers.put, Server("alice", ""))
    assert await given(store, "carol") == []


async def test_guests_follow_a_server_whose_owner_gets_another_name(store: Store) -> None:
    await people(store)
    await store(invitations.add, direct(user="bob"), "")
    seen = await store(changes.revision)
    await store(users.rename, "alice", "alicia")
    assert set((await store(changes.since, seen)).owners) == {"user:alice", "user:alicia", "user:bob"}
    assert await given(store, "bob") == [("access:servers!server=alicia/", None)]


async def test_what_is_over_is_dropped(store: Store) -> None:
    await people(store)
    await store(invitations.add, direct(user="bob", expires_at=NOW + 10), "")
    await store(invitations.add, direct(user="carol"), "")
    assert await store(grants.purge, NOW + 9) == 0
    assert await store(grants.purge, NOW + 10) == 1
    assert (await store(invitations.page, 0.0, "alice", codes_only=False))[1] == 1


async def test_a_grant_without_an_invitation(store: Store) -> None:
    """A handler may know its codes from elsewhere."""
    await people(store)
    kept, _ = await store(invitations.accept, Grant("alice", "", (ACCESS,), user="bob", created=NOW), NOW)
    assert kept.id
    assert kept.invitation == ""
    assert await given(store, "bob") == [(ACCESS, None)]


def test_scopes_lose_their_filter_in_rows() -> None:
    assert grants.bare(["servers!server=a/", "access:servers!server=a/", "servers!server=a/"]) == [
        "access:servers",
        "servers",
    ]
    assert Invitation("alice", "", (ACCESS,), NOW).grants == ()
