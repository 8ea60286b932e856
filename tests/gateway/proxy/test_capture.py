"""Which requests the running captures of a worker cover."""

from __future__ import annotations

from gateway.captures import Order, Scope
from gateway.proxy.capture import EXPECTED, Captures
from tests.gateway.proxy.playbook import Talk, get, response
from tests.gateway.proxy.values import ME, NOW, user

BOB = user("bob", "b" * 43, "self", "access:servers!user=alice")


def order(name: str = "c1", **scope: str) -> Order:
    return Order(name, "key", NOW + 60, Scope(**(scope or {"user": "alice"})))


def lanes(t: Talk) -> list[str]:
    return [line.partition('"lane":"')[2].partition('"')[0] for line in t.book.lines]


def ask(t: Talk, value: str = "a" * 43) -> None:
    t.client(get("/user/alice/x").replace(b"a" * 43, value.encode()))
    asked = next(upstream for upstream in t.upstreams if upstream.take())
    asked.send(response(body=b"1"))


def test_only_while_it_runs_and_only_whom_it_means() -> None:
    t = Talk(known=[ME, BOB])
    ask(t)
    t.desk.captures.set([order()])
    ask(t)
    ask(t, "b" * 43)
    t.desk.captures.set([])
    ask(t)
    assert lanes(t) == ["express", "flow", "express", "express"]


def test_it_ends_by_the_workers_own_clock() -> None:
    t = Talk()
    t.desk.captures.set([order()])
    ask(t)
    t.now += 61
    ask(t)
    assert lanes(t) == ["flow", "express"]


def test_who_is_told_of_changes() -> None:
    captures = Captures()
    told: list[object] = []
    captures.on_change = told.append
    captures.set([order("c1")])
    captures.set(())
    assert told == [(order("c1"),), ()]
    assert captures.find("c1") is None


def test_what_is_expected_and_never_comes_is_forgotten() -> None:
    t = Talk()
    t.desk.captures.set([order()])
    ask(t)
    (exchange,) = t.desk.captures._expected.values()
    for number in range(EXPECTED + 10):
        exchange.id = f"x-{number}"
        t.desk.captures._expected[exchange.id] = exchange
        t.desk.captures.expects(exchange, NOW)
    assert len(t.desk.captures._expected) <= EXPECTED + 1
