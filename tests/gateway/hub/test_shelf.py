"""The shelf: who is on it, and what is published from it."""

from __future__ import annotations

from gateway.hub.routes import Routes
from gateway.hub.shelf import Shelf
from gateway.model import Profile, Server


def shelf() -> tuple[Shelf, Routes]:
    routes = Routes("/", lambda _: None)
    return Shelf(routes, [Profile("lab", "Lab", ())]), routes


def test_a_user_is_on_it_while_a_server_lives() -> None:
    made, routes = shelf()
    made.fill("alice", ("staff",), [Server("alice", "gpu")])
    made.put(Server("alice", "", "queued"))
    assert set(routes.table.by_id) == {"server:alice/", "server:alice/gpu"}
    assert set(made.of_user("alice")) == {"", "gpu"}
    assert routes.table.by_id["server:alice/gpu"].owner_groups == ("staff",)
    made.put(Server("alice", "", "stopped"))
    assert "alice" not in made
    assert made.of_user("alice") == {}
    assert not routes.table.by_id


def test_what_stands_there_is_newer_than_the_store() -> None:
    made, _ = shelf()
    made.put(Server("alice", "", "ready"))
    made.fill("alice", (), [Server("alice", "", "booting"), Server("alice", "gpu")])
    assert {name: server.state for name, server in made.of_user("alice").items()} == {"": "ready", "gpu": "stopped"}


def test_a_removed_record_loses_its_route() -> None:
    made, routes = shelf()
    made.fill("alice", (), [Server("alice", "gpu")])
    made.put(Server("alice", "", "ready"))
    made.drop("alice", "gpu")
    made.drop("alice", "nothing")
    made.drop("bob", "")
    assert set(routes.table.by_id) == {"server:alice/"}


def test_groups_count_at_once() -> None:
    made, routes = shelf()
    made.put(Server("alice", "", "ready"))
    made.set_groups("alice", ("new",))
    made.set_groups("bob", ("new",))
    assert routes.table.by_id["server:alice/"].owner_groups == ("new",)
    assert "bob" not in made
