"""When a server is stopped by itself: a table of moments, no clock."""

from __future__ import annotations

import pytest

from gateway.hub.idle import LAG, Ending, ending, span
from gateway.model import Idle, Said

HOUR = Idle(3600, 300, 0)
DAY = Idle(0, 300, 86400)


def when(rules: Idle, *, started: float = 0, used: float = 0, watched: float = 0) -> tuple[float, float, str] | None:
    found = ending(rules, started=started, used=used, watched=watched)
    return found and (found.at, found.warned, found.why)


def test_without_rules_never() -> None:
    assert when(Idle(0, 300, 0)) is None


def test_an_hour_after_its_last_use() -> None:
    assert when(HOUR, used=1000) == (4600, 4300, "idle")


def test_a_day_after_its_start_however_much_it_is_used() -> None:
    assert when(DAY, started=1000, used=87_000) == (87_400, 87_100, "age")


def test_the_first_of_both_counts() -> None:
    both = Idle(3600, 300, 86400)
    assert when(both, used=1000) == (4600, 4300, "idle")
    assert when(both, used=86_000) == (86_400, 86_100, "age")


def test_a_warning_takes_at_most_half_of_the_time() -> None:
    assert when(Idle(60, 300, 0), used=1000) == (1060, 1030, "idle")
    assert when(Idle(60, 0, 0), used=1000) == (1060, 1060, "idle")


def test_what_was_overdue_when_the_hub_came_back_is_warned_of_first() -> None:
    """Neither stopped at once nor forgotten."""
    assert when(HOUR, used=1000, watched=50_000) == (50_300, 50_000, "idle")
    assert when(DAY, started=0, watched=500_000) == (500_300, 500_000, "age")
    assert when(HOUR, used=1000, watched=2000) == (4600, 4300, "idle")


def test_warned_then_due_once_no_news_can_be_on_its_way() -> None:
    found = ending(HOUR, started=0, used=1000, watched=0)
    assert found is not None
    assert [found.warns(now) for now in (4299, 4300)] == [False, True]
    assert [found.due(now) for now in (4600, 4600 + LAG)] == [False, True]


def test_words() -> None:
    assert Ending(0, 0, "idle", 3600).reason == "It was stopped because nobody had used it for 1 hour."
    assert "had run for 2 days, which" in Ending(0, 0, "age", 172_800).reason


def test_what_is_told_is_told_in_other_languages_too() -> None:
    assert Ending(0, 0, "idle", 5400).said == Said("stopped-idle", {"count": 90, "unit": "minute"})
    assert Ending(0, 0, "age", 3600).said == Said("stopped-age", {"count": 1, "unit": "hour"})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (90, "90 seconds"), (5400, "90 minutes"), (7200, "2 hours"), (0.2, "1 second")],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text
