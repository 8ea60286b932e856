"""OAuth's values: ids that no two clients share, and whose cookie is whose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clients import Client, bound, of_some_client, owns_cookie, server_client, service_client
from gateway.errors import BadInput
from gateway.names import checked_name, checked_server_name

COOKIE_NAME = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~")


@pytest.mark.parametrize(
    ("user", "server", "client"),
    [
        ("alice", "", "jupyterhub-user-alice"),
        ("alice", "gpu", "jupyterhub-user-alice-gpu"),
        ("alice", "gpu-2", "jupyterhub-user-alice-gpu-2"),
        ("alice-gpu", "", "jupyterhub-user-alice%2Dgpu"),
        ("a b@c", "", "jupyterhub-user-a%20b%40c"),
    ],
)
def test_the_id_of_a_server(user: str, server: str, client: str) -> None:
    assert server_client(user, server) == client


def _checked(check: object, name: str) -> str:
    try:
        return check(name)  # type: ignore[operator, no-any-return]
    except BadInput:
        return ""


names = st.text(st.sampled_from("ab-é%2D @;"), max_size=8).map(lambda name: _checked(checked_name, name)).filter(bool)
servers = st.text(st.sampled_from("ab-2"), max_size=6).map(lambda name: _checked(checked_server_name, name))


@given(names, servers, names, servers)
def test_no_two_servers_share_an_id(user: str, server: str, other: str, second: str) -> None:
    same = (user, server) == (other, second)
    assert (server_client(user, server) == server_client(other, second)) is same


@given(names, servers)
def test_an_id_can_be_the_name_of_a_cookie(user: str, server: str) -> None:
    assert set(server_client(user, server)) <= COOKIE_NAME


def test_the_scope_that_opens_a_client() -> None:
    assert Client("x", "/", user="alice").access == "access:servers!server=alice/"
    assert Client("x", "/", user="alice", server="gpu").access == "access:servers!server=alice/gpu"
    assert Client(service_client("who"), "/", service="who").access == "access:services!service=who"


def test_scopes_of_the_client_itself() -> None:
    scopes = ("access:servers!server", "access:services!service", "read:users!user", "servers!server=bob/")
    assert bound(scopes, Client("x", "/", user="alice", server="gpu")) == (
        "access:servers!server=alice/gpu",
        *scopes[1:],
    )
    assert bound(scopes, Client("x", "/", service="who"))[1] == "access:services!service=who"


def test_whose_cookie_it_is() -> None:
    client = server_client("alice")
    assert owns_cookie(client, client)
    assert owns_cookie(client, f"{client}-oauth-state")
    assert owns_cookie(client, f"{client}-oauth-state-AbCd")
    assert not owns_cookie(client, server_client("alice", "gpu"))
    assert not owns_cookie(client, server_client("alicex"))
    assert of_some_client(client)
    assert of_some_client("jupyterhub-session-id")
    assert not of_some_client("_xsrf")
