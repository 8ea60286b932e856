"""What was seen becomes records, for each capture by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.captures import Order, Scope
from gateway.proxy.darkroom import Darkroom, End, Exposure, Frame
from tests.gateway.proxy.test_records import SECRET, TEXT, seen


def order(name: str = "c1", **more: Any) -> Order:
    return Order(name, f"key of {name}", 100.0, Scope(user="alice", filter=more.pop("filter", "")), **more)


def room(*orders: Order) -> Darkroom:
    made = Darkroom()
    made.set(orders)
    return made


def developed(made: Darkroom, shot: Exposure | Frame | End) -> list[tuple[str, Any]]:
    return [(capture, json.loads(record)) for capture, record in made.develop(shot)]


def socket(*captures: str) -> Exposure:
    return Exposure(captures, seen(websocket=True))


def frame(*captures: str, data: bytes = b"hello", size: int = 5) -> Frame:
    return Frame(captures, "a-1", 1, 5.0, True, True, data, size)


def test_each_capture_for_itself() -> None:
    made = room(order("c1"), order("c2"), order("c3", redact=False))
    found = developed(made, Exposure(("c1", "c2", "c3", "nobody"), seen(SECRET.encode(), TEXT)))
    assert [capture for capture, _ in found] == ["c1", "c2", "c3"]
    first, second, third = (record["response"]["body"]["text"] for _, record in found)
    assert first.startswith("hidden-")
    assert second.startswith("hidden-")
    assert first != second
    assert third == SECRET


def test_what_is_known_to_be_secret() -> None:
    made = room(order())
    shot = Exposure(
        ("c1",), seen(b"the-session the-servers the-channels", TEXT),
        sent=[("Cookie", "hubgate-session=the-session"), ("Accept", "the-servers")],
        secrets=("the-servers", "the-channels", ""),
    )  # fmt: skip
    ((_, found),) = developed(made, shot)
    assert [word[:7] for word in found["response"]["body"]["text"].split()] == ["hidden-"] * 3


@pytest.mark.parametrize(("text", "count"), [("~c 200", 1), ("~c 404", 0), ("~hq cookie", 1), (f"~hq {SECRET}", 0)])
def test_the_filter_sees_what_its_reader_will_see(text: str, count: int) -> None:
    assert len(developed(room(order(filter=text)), Exposure(("c1",), seen()))) == count


def test_a_filter_that_cannot_be_read_wants_nothing() -> None:
    assert developed(room(order(filter="~nonsense")), Exposure(("c1",), seen())) == []


def test_messages_follow_what_is_wanted() -> None:
    made = room(order("c1"), order("c2", filter="~c 404"))
    assert len(developed(made, socket("c1", "c2"))) == 1
    ((capture, found),) = developed(made, frame("c1", "c2"))
    assert (capture, found["kind"], found["data"]) == ("c1", "message", "hello")
    ((_, found),) = developed(made, frame("c1", data=b"", size=10**7))
    assert (found["size"], "omitted" in found) == (10**7, True)
    ((_, found),) = developed(made, End(("c1", "c2"), "a-1", 6.0, 1000, "?token=" + SECRET, True))
    assert (found["kind"], found["code"], SECRET in found["reason"]) == ("end", 1000, False)
    assert developed(made, frame("c1")) == []


def test_one_that_has_ended_gets_nothing() -> None:
    made = room(order("c1"))
    developed(made, socket("c1"))
    made.set([order("c2")])
    assert developed(made, frame("c1")) == []
    made.set([order("c1")])
    assert developed(made, frame("c1")) == []


def test_people_are_remembered_for_as_long_as_a_capture_runs() -> None:
    made = room(order())
    developed(made, Exposure(("c1",), seen()))
    made.set([order()])
    text = f"again {SECRET}".encode()
    ((_, found),) = developed(
        made, Exposure(("c1",), seen(text, TEXT, request=seen().request.__class__([]), target="/"))
    )
    assert SECRET not in found["response"]["body"]["text"]
