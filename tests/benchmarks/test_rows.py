"""The rows fit together: known peers, known metrics, names that choose."""

from __future__ import annotations

from tests.benchmarks.measure import METRICS
from tests.benchmarks.rows import ROWS, chosen
from tests.benchmarks.stage import MAKERS


def test_names_are_unique() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_row_has_a_gateway_first_and_peers_that_exist() -> None:
    for row in ROWS:
        assert row.peers[0].startswith("hubgate")
        assert set(row.peers) <= set(MAKERS)


def test_every_aim_can_be_judged() -> None:
    for row in ROWS:
        assert row.aims
        for aim in row.aims:
            assert aim.metric in METRICS
            assert not aim.against or aim.against in row.peers[1:]


def test_words_choose() -> None:
    assert chosen("") == list(ROWS)
    assert [row.name for row in chosen("small-get")] == ["small-get-16", "small-get-128"]
    assert [row.name for row in chosen("down-1 up-1")] == ["down-1", "up-1"]
    assert chosen("nothing-like-it") == []
