"""What is open is found by whatever may change."""

from __future__ import annotations

from typing import Any

from gateway.channel.messages import Invalidate
from gateway.model import Admission
from gateway.proxy.exchange import Exchange
from gateway.proxy.gate import AWAY, UNKNOWN, Forward, decide
from gateway.proxy.live import Live, credentials, judged_again, leads_there
from tests.gateway.proxy.playbook import Talk
from tests.gateway.proxy.values import (
    ALICE,
    ALL,
    COOKIE,
    ME,
    NOW,
    OWN_TOKEN,
    PEER,
    SITE,
    facts,
    head,
    server,
    table,
    user,
)


def exchange(identity: Any = ME, path: str = "/user/alice/x", route: Any = None) -> Exchange:
    talk = Talk()
    made = talk.desk.exchange(talk.client_connection, PEER, head(f"GET {path}", COOKIE))
    made.facts = facts(f"GET {path}", COOKIE)
    credential = made.facts.found.session
    made.forward = Forward(route or server("alice"), identity, credential, upgrade=False)
    return made


def live(*exchanges: Exchange) -> Live:
    index = Live()
    for each in exchanges:
        index.add(each)
    return index


def test_found_by_credential_owner_and_route() -> None:
    mine = exchange()
    index = live(mine)
    assert index.touched(Invalidate(1, 1, owners=("user:alice",))) == {mine}
    assert index.touched(Invalidate(1, 1, digests=(ME.digest,))) == {mine}
    assert index.touched(Invalidate(1, 1, everything=True)) == {mine}
    assert index.touched(Invalidate(1, 1, owners=("user:bob", "service:alice"), digests=("x",))) == set()
    assert index.of_routes(["server:alice/", "server:bob/"]) == [mine]
    (credential,) = credentials([mine])
    assert index.of_credential(credential) == [mine]
    assert list(index) == [mine]


def test_nothing_is_left_behind() -> None:
    mine = exchange()
    index = live(mine)
    index.remove(mine)
    index.remove(mine)
    assert len(index) == 0
    assert vars(index) == vars(Live())


def test_what_the_hub_serves_is_the_hubs_own_matter() -> None:
    page = exchange(identity=None, path="/hub/home", route=ALL.by_id["hub"])
    index = live(page)
    assert credentials([page]) == set()
    assert index.touched(Invalidate(1, 1, everything=True)) == set()


def test_expiry() -> None:
    index = live(exchange(user(expires_at=NOW + 10)), exchange())
    assert index.expired(NOW) == []
    assert len(index.expired(NOW + 10)) == 1


def test_a_renewed_identity_is_filed_anew() -> None:
    mine = exchange(user(expires_at=NOW + 10))
    index = live(mine)
    assert mine.forward is not None
    index.renew(mine, Forward(mine.forward.route, user(expires_at=NOW + 99), mine.forward.credential, upgrade=False))
    assert index.expired(NOW + 50) == []
    index.remove(mine)
    assert vars(index) == vars(Live())


def test_judged_again() -> None:
    mine = exchange()
    assert judged_again(mine, ME, ALL, NOW, SITE) is not None
    assert judged_again(mine, UNKNOWN, ALL, NOW, SITE) is None
    assert judged_again(mine, user("alice", "a" * 43, "access:servers!server=alice/other"), ALL, NOW, SITE) is None
    assert judged_again(mine, ME, table(server("alice", generation=2)), NOW, SITE) is None
    assert judged_again(mine, ME, table(server("alice", state="stopped")), NOW, SITE) is None
    assert judged_again(mine, None, ALL, NOW, SITE) is mine.forward
    assert judged_again(mine, AWAY, ALL, NOW, SITE) is None


def test_a_named_server_in_its_place_is_another_place() -> None:
    mine = exchange(path="/user/alice/gpu/x")
    assert judged_again(mine, ME, table(server("alice"), server("alice", "gpu")), NOW, SITE) is None


def test_routes() -> None:
    mine = exchange()
    assert leads_there(mine, table(server("alice")))
    assert leads_there(mine, table(server("alice", message="new words")))
    assert not leads_there(mine, table(server("alice", state="stopping", url="")))
    assert not leads_there(mine, table(server("alice", url="http://127.0.0.1:10")))
    assert not leads_there(mine, table(server("alice", generation=1)))
    assert not leads_there(mine, table())


def test_a_token_and_a_session_are_two() -> None:
    mine = exchange()
    token = exchange(OWN_TOKEN)
    token.facts = facts("GET /user/alice/x", {"Authorization": f"Bearer {'T' * 43}"})
    assert token.forward is not None
    explicit: Any = token.facts.found.explicit
    token.forward = Forward(token.forward.route, OWN_TOKEN, explicit, upgrade=False)
    index = live(mine, token)
    assert len(credentials(index)) == 2
    assert index.touched(Invalidate(1, 1, digests=(OWN_TOKEN.digest,))) == {token}


def test_another_right_is_another_place() -> None:
    """From full to looking on, or back: the connection is in the wrong lane."""
    full = user("alice", ALICE, "access:servers!server=bob/")
    view = user("alice", ALICE, admissions=(Admission("bob", "", view_only=True),))
    part = user("alice", ALICE, admissions=(Admission("bob", "", "x"),))
    routes = table(server("bob"))
    rights: list[str] = []
    for before in (full, view, part):
        asked = facts("GET /user/bob/lab" if before is not part else "GET /user/bob/x/y", COOKIE)
        verdict = decide(asked, before, routes.find(asked.segments), NOW, SITE)
        assert isinstance(verdict, Forward)
        rights.append(verdict.right)
        mine = exchange()
        mine.facts, mine.forward = asked, verdict
        for after in (full, view, part, user()):
            kept = judged_again(mine, after, routes, NOW, SITE)
            assert (kept is not None) is (after is before)
    assert rights == ["full", "view", "part"]


def test_ways_in_that_have_ended() -> None:
    index = live(exchange(user(admissions=(Admission("bob", "", until=NOW + 10),))))
    assert index.lapsed(NOW + 9) == []
    assert len(index.lapsed(NOW + 10)) == 1


def test_grants_that_have_ended() -> None:
    index = live(exchange(user(lapses=(("access:servers!server=bob/", NOW + 10), ("x", NOW + 20)))), exchange())
    assert index.lapsed(NOW + 9) == []
    assert len(index.lapsed(NOW + 10)) == 1
