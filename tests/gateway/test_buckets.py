from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.buckets import Buckets


def test_it_runs_out_and_says_how_long_to_wait() -> None:
    buckets: Buckets[str] = Buckets(2, 0.5, 10)
    assert [buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 0)] == [0, 0, 2]
    assert buckets.take("a", 1) == 1
    assert buckets.take("a", 2) == 0
    assert buckets.take("b", 2) == 0


def test_what_fills_never_is_awaited_for_ever() -> None:
    buckets: Buckets[str] = Buckets(1, 0, 10)
    assert buckets.take("a", 0) == 0
    assert buckets.take("a", 1e9) == float("inf")
    buckets.give_back("a", 0)
    assert buckets.take("a", 0) == 0


def test_no_more_are_kept_than_said() -> None:
    buckets: Buckets[int] = Buckets(1, 1, 3)
    for key in range(100):
        assert buckets.take(key, 0) == 0
    assert len(buckets) == 3
    assert buckets.take(99, 0) > 0
    assert buckets.take(0, 0) == 0


def test_a_clock_that_goes_back_takes_nothing() -> None:
    buckets: Buckets[str] = Buckets(3, 1, 3)
    buckets.take("a", 100)
    assert [buckets.take("a", 0), buckets.take("a", 0)] == [0, 0]


@given(st.integers(1, 20), st.floats(0.1, 50), st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_what_has_filled_since(burst: int, rate: float, pauses: list[float]) -> None:
    buckets: Buckets[str] = Buckets(burst, rate, 1)
    now, taken = 0.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("a", now) == 0
        assert taken <= burst + now * rate + 1e-6
