"""The journal: numbers without gaps, and what a worker missed."""

from __future__ import annotations

from gateway.channel.journal import Journal
from gateway.channel.messages import Invalidate, RoutesChanged


def filled(count: int, kept: int = 100) -> Journal:
    journal = Journal("b1", kept)
    for number in range(count):
        journal.add(Invalidate(0, revision=number))
    return journal


def test_pushes_are_numbered_from_one_without_gaps() -> None:
    journal = Journal("b1")
    assert journal.seq == 0
    assert journal.add(RoutesChanged(0, drop=("x",))) == RoutesChanged(1, drop=("x",))
    assert journal.add(Invalidate(77, revision=5)) == Invalidate(2, revision=5)
    assert journal.seq == 2


def test_what_a_worker_missed() -> None:
    journal = filled(5)
    missed = journal.since("b1", 3)
    assert missed is not None
    assert [push.seq for push in missed] == [4, 5]
    assert journal.since("b1", 5) == []
    assert len(journal.since("b1", 0) or ()) == 5


def test_a_gap_is_none() -> None:
    journal = filled(5, kept=2)
    assert [push.seq for push in journal.since("b1", 3) or ()] == [4, 5]
    assert journal.since("b1", 2) is None
    assert journal.since("b1", 0) is None


def test_numbers_of_another_boot_or_of_the_future_mean_nothing() -> None:
    journal = filled(5)
    assert journal.since("b0", 3) is None
    assert journal.since("", 0) is None
    assert journal.since("b1", 6) is None
    assert journal.since("b1", -1) is None


def test_an_empty_journal_resumes_its_own_boot_only() -> None:
    assert Journal("b1").since("b1", 0) == []
    assert Journal("b1").since("", 0) is None
