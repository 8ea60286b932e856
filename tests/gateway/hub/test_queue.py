"""The start queue: places, turns, positions, the limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import TooMany
from gateway.hub.queue import Key, StartQueue


def keys(text: str) -> list[Key]:
    """`a1 b1` to [("a", "1"), ("b", "1")]."""
    return [(word[0], word[1:]) for word in text.split()]


def filled(text: str, places: int = 1, limit: int = 100) -> StartQueue:
    queue = StartQueue(places, limit)
    for key in keys(text):
        queue.add(key)
    return queue


def order(queue: StartQueue) -> list[Key]:
    """Drain it, one after the other."""
    got: list[Key] = []
    while lucky := queue.turns():
        got += lucky
        for key in lucky:
            queue.leave(key)
    return got


def test_users_take_turns() -> None:
    assert order(filled("a1 a2 a3 b1 c1 b2")) == keys("a1 b1 c1 a2 b2 a3")


def test_a_user_who_comes_back_lines_up_behind_the_others() -> None:
    queue = filled("a1 a2 b1")
    assert queue.turns() == keys("a1")
    queue.add(("a", "3"))
    queue.leave(("a", "1"))
    assert order(queue) == keys("b1 a2 a3")


def test_only_so_many_places() -> None:
    queue = filled("a1 b1 c1 d1", places=2)
    assert queue.turns() == keys("a1 b1")
    assert queue.turns() == []
    queue.leave(("b", "1"))
    assert queue.turns() == keys("c1")


def test_the_limit_counts_those_who_wait() -> None:
    queue = filled("a1", places=1, limit=1)
    queue.turns()
    queue.add(("b", "1"))
    with pytest.raises(TooMany) as caught:
        queue.add(("c", "1"))
    assert caught.value.retry_after
    assert len(queue) == 1
    queue.add(("d", "1"), beyond_limit=True)
    assert len(queue) == 2


def test_without_room_to_wait_a_free_place_is_still_given() -> None:
    queue = StartQueue(1, 0)
    queue.add(("a", "1"))
    assert queue.turns() == keys("a1")
    with pytest.raises(TooMany):
        queue.add(("b", "1"))


def test_leaving_from_anywhere() -> None:
    queue = filled("a1 b1 b2")
    queue.leave(("b", "1"))
    queue.leave(("z", "9"))
    assert queue.position(("b", "1")) is None
    assert order(queue) == keys("a1 b2")


def test_adopted_starts_take_a_place_even_one_too_many() -> None:
    queue = filled("c1", places=1)
    queue.take(("a", "1"))
    queue.take(("b", "1"))
    assert queue.turns() == []
    queue.leave(("a", "1"))
    assert queue.turns() == []
    queue.leave(("b", "1"))
    assert queue.turns() == keys("c1")


def test_adopted_starts_leave_the_queue_its_length() -> None:
    queue = StartQueue(1, 1)
    for name in "abc":
        queue.take((name, ""))
    queue.add(("d", ""))
    with pytest.raises(TooMany):
        queue.add(("e", ""))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30).map(str)), unique=True, max_size=20))
def test_the_position_is_the_turn_that_it_gets(asked: list[Key]) -> None:
    queue = StartQueue(1, 100)
    for key in asked:
        queue.add(key)
    shown = {key: queue.position(key) for key in asked}
    assert shown == {key: turn for turn, key in enumerate(order(queue), 1)}
