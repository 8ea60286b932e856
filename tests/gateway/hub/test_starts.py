"""Who may start what: the record that a wish makes, or why it makes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.errors import BadInput, Conflict, Forbidden, HubgateError, NotFound
from gateway.hub.entry import Entry
from gateway.hub.starts import OPTIONS, Owner, Rules, Wish
from gateway.model import Option, Profile, Server, Target, User
from gateway.options import BadOptions
from gateway.settings import AuthenticatorSettings

LAB = Profile("lab", "Lab", ("jupyter",))
GPU = Profile("gpu", "GPU", ("jupyter",))
ALICE = User("alice")


def rules(limit: int = 2, **authenticator: Any) -> Rules:
    return Rules(Entry(AuthenticatorSettings(**authenticator)), (LAB, GPU), limit)


def owner(*servers: Server, user: User | None = ALICE) -> Owner:
    return Owner(user, {server.name: server for server in servers})


def test_the_first_start() -> None:
    record = rules().record(Wish("alice"), owner(), 5.0)
    assert record == Server("alice", "", state="queued", generation=6, profile="lab", created=5.0)


def test_a_record_that_is_made_again_does_not_count_from_the_beginning() -> None:
    first = rules().record(Wish("alice"), owner(), 1e9)
    again = rules().record(Wish("alice"), owner(), 1e9 + 100)
    assert again.generation > first.generation + 10


def test_the_next_start_begins_clean_and_remembers() -> None:
    old = Server(
        "alice", "", generation=7, profile="gpu", options={"a": 1}, start_id="old", secret="old",
        target=Target("http://127.0.0.1:1"), created=1.0, started=2.0, last_activity=3.0, message="It broke.",
    )  # fmt: skip
    record = rules().record(Wish("alice"), owner(old), 5.0)
    assert record == Server(
        "alice", "", state="queued", generation=8, profile="gpu", options={"a": 1}, created=1.0, last_activity=3.0
    )
    assert rules().record(Wish("alice", "", "lab", {}), owner(old), 5.0).options == {}


@pytest.mark.parametrize(
    ("wish", "known", "error"),
    [
        (Wish("alice"), owner(user=None), NotFound),
        (Wish("alice"), owner(user=User("alice", disabled=True)), Forbidden),
        (Wish("alice"), owner(user=User("alice", removing=True)), Forbidden),
        (Wish("alice"), owner(Server("alice", "", state="ready")), Conflict),
        (Wish("alice"), owner(Server("alice", "", state="stopping")), Conflict),
        (Wish("alice", profile="nonsense"), owner(), BadInput),
        (Wish("alice", "Bad Name"), owner(), BadInput),
        (Wish("alice", "../x"), owner(), BadInput),
        (Wish("alice", options={"x": object()}), owner(), BadInput),
        (Wish("alice", options={"x": float("nan")}), owner(), BadInput),
        (Wish("alice", options={"x": "y" * OPTIONS}), owner(), BadInput),
    ],
    ids=str,
)
def test_refusals(wish: Wish, known: Owner, error: type[HubgateError]) -> None:
    with pytest.raises(error):
        rules().record(wish, known, 5.0)


def test_blocked_by_the_settings() -> None:
    with pytest.raises(Forbidden):
        rules(blocked_users=("alice",)).record(Wish("alice"), owner(), 5.0)


def test_the_limit_counts_named_servers_that_exist_also_stopped_ones() -> None:
    two = owner(Server("alice", ""), Server("alice", "a"), Server("alice", "b"))
    with pytest.raises(BadInput, match="maximum of 2 named servers"):
        rules().record(Wish("alice", "c"), two, 5.0)
    assert rules().record(Wish("alice", "a"), two, 5.0).name == "a"
    assert rules().record(Wish("alice"), two, 5.0).name == ""
    assert rules(3).record(Wish("alice", "c"), two, 5.0).name == "c"


def test_no_named_servers_at_all() -> None:
    with pytest.raises(BadInput, match="only one server"):
        rules(0).record(Wish("alice", "a"), owner(), 5.0)
    assert rules(0).record(Wish("alice"), owner(), 5.0).state == "queued"


def test_options_are_copied() -> None:
    given: dict[str, Any] = {"cpu": 2}
    found: Mapping[str, Any] = rules().record(Wish("alice", options=given), owner(), 5.0).options
    given["cpu"] = 64
    assert found == {"cpu": 2}


WEB = Profile("web", "Web", ("serve",), options=(Option("n", "number", "N", default=1), Option("t", "text", "T")))


def of_web(wish: Wish, *servers: Server) -> Mapping[str, Any]:
    return Rules(Entry(AuthenticatorSettings()), (WEB, LAB), 2).record(wish, owner(*servers), 5.0).options


def test_the_options_of_a_form_are_judged_and_completed() -> None:
    assert of_web(Wish("alice")) == {"n": 1, "t": ""}
    assert of_web(Wish("alice", options={"n": "3"})) == {"n": 3, "t": ""}
    with pytest.raises(BadOptions, match="n must be a number; x is no option of web"):
        of_web(Wish("alice", options={"n": "x", "x": 1}))


def test_a_form_remembers_what_the_same_profile_was_given() -> None:
    old = Server("alice", "", profile="web", options={"n": 3, "t": "a"})
    assert of_web(Wish("alice"), old) == {"n": 3, "t": "a"}
    assert of_web(Wish("alice", profile="lab"), old) == {}
    assert of_web(Wish("alice", options={}), old) == {"n": 1, "t": ""}
    assert of_web(Wish("alice"), Server("alice", "", profile="web", options={"n": "gone bad"})) == {"n": 1, "t": ""}
