"""Turns, medians and ratios."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

from tests.benchmarks.measure import Invalid, cpu_time, interleaved, median, ratio, window


def test_peers_take_turns() -> None:
    order: list[str] = []

    def work(peer: str) -> dict[str, float]:
        order.append(peer)
        return {"rate": float(len(order))}

    rounds = interleaved({"a": "A", "b": "B"}, 3, work)
    assert order == ["A", "B"] * 3
    assert rounds == {"a": [{"rate": 1}, {"rate": 3}, {"rate": 5}], "b": [{"rate": 2}, {"rate": 4}, {"rate": 6}]}


def test_a_median_is_of_those_that_have_the_figure() -> None:
    assert median([{"rate": 1}, {"rate": 9}, {"rate": 2}, {"p50": 1}], "rate") == 2
    assert median([{"rate": 1}], "cpu") is None


def test_a_ratio_compares_neighbours() -> None:
    """The machine became ten times slower after the first round: the ratio stays 2."""
    rounds = {
        "ours": [{"rate": 200}, {"rate": 20}, {"rate": 22}],
        "theirs": [{"rate": 100}, {"rate": 10}, {"rate": 10}],
    }
    assert ratio(rounds, "ours", "theirs", "rate") == 2
    assert ratio(rounds, "ours", "nobody", "rate") is None
    assert ratio({"ours": [{"cpu": 1}], "theirs": [{"cpu": 0}]}, "ours", "theirs", "cpu") is None


def test_a_window_sees_what_is_used_in_it() -> None:
    own = psutil.Process()
    with window([own]) as idle:
        pass
    with window([own]) as busy:
        _burn(lambda: cpu_time([own]), 0.1)
    assert busy.cpu >= 0.09 > idle.cpu  # hundredths of seconds, as floats
    assert busy.seconds > idle.seconds


def test_a_process_that_ended_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    own = psutil.Process()

    def gone() -> None:
        raise psutil.NoSuchProcess(own.pid)

    monkeypatch.setattr(own, "cpu_times", gone)
    with pytest.raises(Invalid, match="ended"):
        cpu_time([own])


def _burn(used: Callable[[], float], seconds: float) -> None:
    until = used() + seconds
    while used() < until:
        sum(range(10000))
