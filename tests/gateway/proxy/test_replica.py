"""The replica: what it believes, for how long, and what it forgets."""

from __future__ import annotations

import pytest

from gateway.channel.messages import Invalidate, RoutesChanged, Snapshot, Welcome
from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.proxy import replica as module
from gateway.proxy.credentials import Credential
from gateway.proxy.gate import AWAY, UNKNOWN
from gateway.proxy.replica import NEGATIVE_SECONDS, Replica
from tests.gateway.proxy.values import HUB, ME, NOW, OWN_TOKEN, server, user

MINE = Credential("session", ME.digest)
BOB = user("bob", "b" * 43)


def replica(*identities: Identity) -> Replica:
    made = Replica(grace=100)
    made.welcome(Welcome("boot", 0, False, "", ""))
    made.snapshot(Snapshot((*HUB, server("alice")), last=True))
    for identity in identities:
        assert made.keep(Credential(identity.credential, identity.digest), identity, 1, NOW)
    return made


# ── identities ───────────────────────────────────────────────────────────────


def test_a_stranger_must_be_asked_for() -> None:
    assert replica().find(MINE, NOW) is None


def test_an_answer_is_kept() -> None:
    assert replica(ME).find(MINE, NOW + 1e9) == ME


def test_a_token_of_the_same_value_is_another_credential() -> None:
    """Attack 24: no cache key mixes both kinds."""
    assert replica(ME).find(Credential("token", ME.digest), NOW) is None


def test_no_such_credential_is_believed_for_a_while() -> None:
    r = replica()
    r.keep(MINE, None, 1, NOW)
    assert r.find(MINE, NOW + NEGATIVE_SECONDS - 1) is UNKNOWN
    assert r.find(MINE, NOW + NEGATIVE_SECONDS) is None


@pytest.mark.parametrize(
    "message",
    [
        Invalidate(1, 5, owners=("user:alice",)),
        Invalidate(1, 5, digests=(ME.digest,)),
        Invalidate(1, 5, everything=True),
    ],
)
def test_what_is_invalidated_is_asked_for_anew(message: Invalidate) -> None:
    r = replica(ME, OWN_TOKEN)
    r.keep(Credential("session", BOB.digest), BOB, 1, NOW)
    r.invalidate(message)
    assert r.find(MINE, NOW) is None
    assert (r.find(Credential("session", BOB.digest), NOW) is None) is message.everything
    assert (r.find(Credential("token", OWN_TOKEN.digest), NOW) is None) is (not message.digests)


@pytest.mark.parametrize(
    "message",
    [
        Invalidate(1, 5, owners=("user:alice",)),
        Invalidate(1, 5, digests=(ME.digest,)),
        Invalidate(1, 5, everything=True),
    ],
)
def test_an_answer_older_than_a_push_is_not_believed(message: Invalidate) -> None:
    """Attack 16: read before the change, arrived after it."""
    r = replica()
    r.invalidate(message)
    assert not r.keep(MINE, ME, 4, NOW)
    assert r.find(MINE, NOW) is None
    assert r.keep(MINE, ME, 5, NOW)
    assert r.find(MINE, NOW) == ME


def test_no_such_credential_is_asked_for_again_after_any_change() -> None:
    """Somebody who may log in again must not wait until the cache has forgotten it."""
    r = replica()
    r.keep(MINE, None, 1, NOW)
    r.invalidate(Invalidate(1, 5, owners=("user:alice",)))
    assert r.find(MINE, NOW) is None


def test_everything_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDENTITIES", 3)
    monkeypatch.setattr(module, "NEGATIVES", 3)
    monkeypatch.setattr(module, "REVISIONS", 3)
    r = replica()
    for number in range(10):
        r.keep(Credential("session", f"{number}"), user(f"u{number}", digest=f"{number}"), 1, NOW)
        r.keep(Credential("session", f"no{number}"), None, 1, NOW)
    assert [number for number in range(10) if r.find(Credential("session", f"{number}"), NOW)] == [7, 8, 9]
    assert [number for number in range(10) if r.find(Credential("session", f"no{number}"), NOW)] == [7, 8, 9]
    for number in range(10):
        r.invalidate(Invalidate(number, number, owners=(f"user:u{number}",)))
    assert not r.keep(MINE, user("u9"), 8, NOW)
    assert r.keep(MINE, user("u1"), 0, NOW)


def test_who_is_seen_often_stays_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDENTITIES", 2)
    r = replica(ME, BOB)
    r.find(MINE, NOW)
    r.keep(Credential("token", OWN_TOKEN.digest), OWN_TOKEN, 1, NOW)
    assert r.find(MINE, NOW) == ME
    assert r.find(Credential("session", BOB.digest), NOW) is None


# ── the hub is away ──────────────────────────────────────────────────────────


def test_the_grace() -> None:
    r = replica(ME)
    r.lost(NOW)
    assert r.find(MINE, NOW + 100) == ME
    assert r.find(Credential("session", "other"), NOW) is AWAY
    assert r.find(MINE, NOW + 101) is AWAY
    r.lost(NOW + 101)  # a failed attempt to reach it starts no new grace
    assert r.grace_over(NOW + 101)


def test_a_resumed_connection_changes_nothing() -> None:
    r = replica(ME)
    r.lost(NOW)
    r.welcome(Welcome("boot", 3, True, "", ""))
    assert r.find(MINE, NOW) == ME
    assert r.seq == 0  # what was missed follows
    r.count(1)
    assert r.seq == 1


def test_after_a_gap_what_was_known_is_asked_for_anew() -> None:
    r = replica(ME)
    r.lost(NOW)
    r.welcome(Welcome("second", 40, False, "", ""))
    assert r.find(MINE, NOW) == ME  # not before there are routes again
    r.snapshot(Snapshot((server("alice"),), last=True))
    assert r.find(MINE, NOW) is None
    assert r.keep(MINE, ME, 0, NOW)
    assert r.find(MINE, NOW) == ME
    r.count(41)


def test_nothing_can_be_resumed_that_never_was() -> None:
    with pytest.raises(ChannelError):
        replica().welcome(Welcome("second", 3, True, "", ""))


def test_a_gap_in_the_numbers_is_an_end() -> None:
    r = replica()
    r.count(1)
    with pytest.raises(ChannelError):
        r.count(3)
    assert (r.boot, r.seq) == ("", 0)  # the next hello asks for everything


# ── routes ───────────────────────────────────────────────────────────────────


def test_a_table_is_swapped_whole() -> None:
    r = Replica(1)
    r.welcome(Welcome("boot", 0, False, "", ""))
    assert r.snapshot(Snapshot((server("alice"),), last=False)) == []
    assert not r.complete
    assert r.table.by_id == {}
    r.snapshot(Snapshot((server("bob"),), last=True))
    assert r.complete
    assert set(r.table.by_id) == {"server:alice/", "server:bob/"}


def test_a_broken_snapshot_is_forgotten() -> None:
    r = replica()
    r.welcome(Welcome("second", 0, False, "", ""))
    r.snapshot(Snapshot((server("mallory"),), last=False))
    r.lost(NOW)
    r.welcome(Welcome("third", 0, False, "", ""))
    r.snapshot(Snapshot((server("bob"),), last=True))
    assert set(r.table.by_id) == {"server:bob/"}


def test_changes_tell_what_leads_elsewhere() -> None:
    r = replica()
    assert r.routes_changed(RoutesChanged(1, put=(server("bob"),))) == []
    assert r.routes_changed(RoutesChanged(2, put=(server("alice", message="new words"),))) == []
    assert r.routes_changed(RoutesChanged(2, put=(server("alice", state="stopping", url=""),))) == ["server:alice/"]
    assert r.routes_changed(RoutesChanged(2, put=(server("alice", url="http://127.0.0.1:10"),))) == ["server:alice/"]
    assert r.routes_changed(RoutesChanged(3, put=(server("alice", generation=2),))) == ["server:alice/"]
    assert r.routes_changed(RoutesChanged(4, drop=("server:bob/", "server:nobody/"))) == ["server:bob/"]
    r.lost(NOW)
    r.welcome(Welcome("second", 0, False, "", ""))
    assert r.snapshot(Snapshot((server("bob"),), last=True)) == ["hub", "hub:api", "server:alice/"]


def test_a_log_in_leaves_other_unknown_credentials_unknown() -> None:
    """Attack 37: a busy morning must not have all stale tabs asked for again."""
    r, stale = replica(), Credential("session", "stale")
    for credential in (MINE, stale):
        r.keep(credential, None, 1, NOW)
    r.invalidate(Invalidate(1, 5, digests=(ME.digest,)))
    assert r.find(stale, NOW) is UNKNOWN
    assert r.find(MINE, NOW) is None
    r.invalidate(Invalidate(2, 6, owners=("user:alice",)))
    assert r.find(stale, NOW) is None
