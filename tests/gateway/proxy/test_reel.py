"""What waits for the hub is bounded, in order, and counted where it did not fit."""

from __future__ import annotations

from gateway.channel.messages import Captured
from gateway.proxy.reel import FRAME, SIZE, Reel


class Hub:
    def __init__(self) -> None:
        self.got: list[Captured] = []
        self.there = self.keeps_up = True

    def tell(self, message: Captured) -> bool:
        if self.there:
            self.got.append(message)
        return self.there

    def made(self) -> Reel:
        return Reel(self.tell, lambda: self.keeps_up)


def test_in_order_and_in_pieces() -> None:
    hub = Hub()
    made = hub.made()
    for number in range(5):
        made.add("a", f"{number}" * (FRAME // 2))
        made.add("b", str(number))
    while len(hub.got) < 4:
        made.flush()
    assert "".join(record[0] for each in hub.got if each.capture == "a" for record in each.records) == "01234"
    assert [record for each in hub.got if each.capture == "b" for record in each.records] == list("01234")
    assert all(sum(map(len, each.records)) <= FRAME for each in hub.got)


def test_nothing_is_sent_while_the_hub_does_not_keep_up() -> None:
    hub = Hub()
    made = hub.made()
    made.add("a", "x")
    hub.keeps_up = False
    made.flush()
    assert hub.got == []
    hub.keeps_up, hub.there = True, False
    made.flush()
    hub.there = True
    made.flush()
    assert hub.got == [Captured("a", ("x",), 0)]


def test_what_does_not_fit_is_counted() -> None:
    hub = Hub()
    made = hub.made()
    assert made.add("a", "x" * SIZE)
    assert not made.add("a", "y")
    assert not made.add("b", "y")
    for _ in range(3):
        made.flush()
    assert {each.capture: each.dropped for each in hub.got if each.dropped} == {"a": 1, "b": 1}
    assert made.add("b", "z")
