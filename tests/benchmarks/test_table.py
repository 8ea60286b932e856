"""What is reached is marked so, and everything stands in the table."""

from __future__ import annotations

import pytest

from tests.benchmarks.table import FLOOR, MISSED, REACHED, Aim, Result, table


@pytest.mark.parametrize(("value", "mark"), [(3.0, REACHED), (2.99, FLOOR), (2.2, FLOOR), (2.19, MISSED)])
def test_more_is_better(value: float, mark: str) -> None:
    assert Aim("rate", "chp", 3.0, 2.2).verdict(value) == mark


@pytest.mark.parametrize(("value", "mark"), [(0.4, REACHED), (0.45, FLOOR), (0.5, FLOOR), (0.51, MISSED)])
def test_less_is_better(value: float, mark: str) -> None:
    assert Aim("cpu", "chp", 0.4, 0.5).verdict(value) == mark


@pytest.mark.parametrize(("value", "mark"), [(1.0, REACHED), (0.95, REACHED), (1.2, MISSED), (0.8, MISSED)])
def test_about_the_same(value: float, mark: str) -> None:
    assert Aim("cpu", "one", 0.1, tolerance=True).verdict(value) == mark


def test_without_a_floor_the_aim_is_the_floor() -> None:
    assert Aim("seconds", "jupyterhub", 0.8).verdict(0.81) == MISSED


def test_the_table() -> None:
    rounds = {"hubgate": [{"rate": 9000.0, "p99": 1.5}], "chp": [{"rate": 3000.0, "p99": 2.0}]}
    aims = [Aim("rate", "chp", 3.0, 2.2), Aim("p99", "chp", 1.0), Aim("rate", "absent", 1.0)]
    text = table([Result("small", "GET", "hubgate", rounds, aims, missing=["nginx"])])
    lines = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    assert cells[0] == ["row", "who", "requests/s", "p99 ms", "ours to this"]
    assert cells[2] == ["small", "hubgate", "9 000", "1.50", ""]
    assert cells[3][:4] == ["", "chp", "3 000", "2.00"]
    assert cells[3][4] == "requests/s 3.00× (aim ≥ 3, floor 2.2) ✓ · p99 ms 0.75× (aim ≤ 1) ✓"
    assert cells[4] == ["", "nginx", "", "", "missing here"]
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1


def test_what_failed_is_said() -> None:
    text = table([Result("small", "GET", "hubgate", {}, [], failed="wrk: Socket errors")])
    assert "failed: wrk: Socket errors" in text


def test_absolute_aims_stand_with_ours() -> None:
    text = table([Result("two", "", "ours", {"ours": [{"spread": 12.0}]}, [Aim("spread", "", 20)])])
    assert "spread % 12 (aim ≤ 20) ✓" in text
