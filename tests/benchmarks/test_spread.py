"""How far from an equal share."""

from __future__ import annotations

import pytest

from tests.benchmarks.spread import unevenness


def test_shares() -> None:
    assert unevenness([64, 64]) == 0
    assert unevenness([80, 48]) == 25
    assert unevenness([30, 30, 60]) == pytest.approx(50)
    assert unevenness([0, 0]) == 0
