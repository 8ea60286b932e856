from __future__ import annotations

import pytest

from gateway.model import Json
from plugins.authenticators import lockout

RULE = lockout.Rule(limit=3, seconds=300)


def failed(*times: float) -> lockout.Failures:
    failures: lockout.Failures = ()
    for time in times:
        failures = RULE.add(failures, time)
    return failures


def test_the_limit_locks_and_less_does_not() -> None:
    assert RULE.remaining(failed(0, 1), 1) == 0
    assert RULE.remaining(failed(0, 1, 2), 2) == 300
    assert RULE.remaining(failed(0, 1, 2), 301) == 1
    assert RULE.remaining(failed(0, 1, 2), 302) == 0


def test_only_failures_close_to_each_other_count() -> None:
    assert RULE.remaining(failed(0, 200, 400), 400) == 0
    assert RULE.remaining(failed(0, 200, 299), 299) == 300


def test_a_lock_lasts_although_its_first_failure_grows_old() -> None:
    assert RULE.remaining(failed(0, 290, 299), 310) == 289


def test_after_a_lock_the_count_begins_anew() -> None:
    failures = RULE.add(failed(0, 1, 2), 302)
    assert failures == (302,)
    assert RULE.remaining(failures, 302) == 0


def test_no_more_times_are_kept_than_are_needed() -> None:
    assert failed(*range(100)) == (97, 98, 99)


def test_a_clock_that_was_set_back_locks_nobody_for_long() -> None:
    assert RULE.remaining(failed(1000, 1001, 1002), 10) == 0
    assert RULE.add(failed(1000, 1001, 1002), 10) == (10,)


@pytest.mark.parametrize(
    ("remaining", "words"), [(0.5, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (300, "5 minutes")]
)
def test_the_refusal_says_how_long(remaining: float, words: str) -> None:
    refusal = lockout.refusal(remaining)
    assert refusal.message == f"Too many failed log-ins; try again in {words}"
    assert refusal.status == 429
    assert refusal.retry_after is not None
    assert refusal.retry_after >= remaining


@pytest.mark.parametrize("value", [None, "x", 5, {}, ["a", None, {}]])
def test_what_is_no_list_of_times_is_none(value: Json) -> None:
    assert lockout.from_json(value) == ()


def test_times_survive_the_storage() -> None:
    assert lockout.from_json([1, 2.5]) == (1.0, 2.5)
