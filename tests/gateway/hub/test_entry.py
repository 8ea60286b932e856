"""contracts, "Who may log in", word by word."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.hub.entry import Entry
from gateway.model import User
from gateway.settings import AuthenticatorSettings


def entry(**settings: Any) -> Entry:
    return Entry(AuthenticatorSettings(**settings))


@pytest.mark.parametrize(
    ("settings", "user", "allowed"),
    [
        ({}, None, False),
        ({}, User("alice"), True),
        ({}, User("alice", disabled=True), False),
        ({}, User("alice", removing=True), False),
        ({"allowed_users": ["alice"]}, None, True),
        ({"allowed_users": ["bob"]}, None, False),
        ({"allowed_users": ["bob"]}, User("alice"), True),
        ({"admin_users": ["alice"]}, None, True),
        ({"allow_all": True}, None, True),
        ({"allow_all": True}, User("alice", disabled=True), False),
        ({"allowed_users": ["alice"]}, User("alice", disabled=True), False),
        ({"blocked_users": ["alice"]}, User("alice"), False),
        ({"blocked_users": ["alice"]}, User("alice", admin=True), False),
        ({"blocked_users": ["alice"], "allow_all": True}, None, False),
        ({"blocked_users": ["alice"], "allowed_users": ["alice"], "admin_users": ["alice"]}, None, False),
        ({"allowed_users": ["  ALICE "]}, None, True),
        ({"blocked_users": ["Alice"]}, User("alice"), False),
    ],
)
def test_who_may_log_in(settings: dict[str, Any], user: User | None, allowed: bool) -> None:
    assert entry(**settings).may_log_in(user, "alice") is allowed


def test_administrators() -> None:
    assert entry().is_admin(User("alice", admin=True))
    assert not entry().is_admin(User("alice"))
    assert entry(admin_users=["ALICE"]).is_admin(User("alice"))
