"""What was used is told in batches, and not forgotten when it cannot be told."""

from __future__ import annotations

import pytest

from gateway.channel.messages import Activity, Visit
from gateway.proxy import activity as module
from gateway.proxy.activity import AGAIN, Used
from gateway.proxy.credentials import Credential
from gateway.proxy.gate import Forward
from tests.gateway.proxy.values import ALL, ME, server, user

MINE = Forward(server("alice", "gpu"), ME, Credential("session", ME.digest), upgrade=False)
HUB = Forward(ALL.by_id["hub"], None, Credential("session", "other"), upgrade=False)


def test_a_batch() -> None:
    used = Used()
    used.note(MINE, 1.0)
    used.note(MINE, 2.0)
    used.note(HUB, 3.0)
    assert used.take() == Activity({ME.digest: 2.0, "other": 3.0}, {"alice/gpu": 2.0})
    assert used.take() is None


def test_what_an_open_tab_does_is_use_of_the_credential_only() -> None:
    used = Used()
    used.note(MINE, 1.0, use=False)
    assert used.take() == Activity({ME.digest: 1.0}, {})


def test_what_could_not_be_told_is_told_later() -> None:
    used = Used()
    used.note(MINE, 1.0)
    batch = used.take()
    assert batch is not None
    used.note(MINE, 5.0)
    used.give_back(batch)
    assert used.take() == Activity({ME.digest: 5.0}, {"alice/gpu": 5.0})


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    used = Used()
    for number in range(5):
        used.note(Forward(HUB.route, None, Credential("token", str(number)), upgrade=False), 1.0)
    batch = used.take()
    assert batch is not None
    assert list(batch.credentials) == ["0", "1"]


def test_visits_to_others_are_told_now_and_then() -> None:
    used = Used()
    guest = Forward(server("bob"), ME, Credential("session", ME.digest), upgrade=False)
    admin = Forward(server("bob", "x"), user("root", admin=True), None, upgrade=False)
    for now in (1.0, 2.0, AGAIN):
        used.note(MINE, now)
        used.note(guest, now)
        used.note(admin, now)
    batch = used.take()
    assert batch is not None
    assert batch.visits == (
        Visit("user:alice", "bob/", "session"),
        Visit("user:root", "bob/x", "session", admin=True),
    )
    used.note(guest, AGAIN + 1)
    again = used.take()
    assert again is not None and again.visits == (Visit("user:alice", "bob/", "session"),)


def test_where_tokens_are_used() -> None:
    used = Used()
    token = Forward(HUB.route, None, Credential("token", "t"), upgrade=False)
    for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7"):
        used.note(token, 1.0, address)
        used.note(HUB, 1.0, address)
    batch = used.take()
    assert batch is not None
    assert batch.addresses == {"t": ("192.0.2.7", "192.0.2.8")}
    used.give_back(batch)
    assert used.take() == batch


def test_what_was_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 10)
    used = Used()
    for number in range(100):
        used.note(Forward(HUB.route, None, Credential("token", "t"), upgrade=False), 1.0, str(number))
    assert len(used._told) <= 10
