from __future__ import annotations

import pytest

from gateway.hub.servicechecks import RARELY, Checks, Place

A, B = Place("a", "http://127.0.0.1:1", "/services/a/"), Place("b", "http://127.0.0.1:2", "/services/b/")


class Answers:
    """Who answers, who was asked, and what time it is."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self.now = 0.0

    async def get(self, url: str, path: str) -> int:
        self.asked.append(url + path)
        if url in self.silent:
            raise ConnectionRefusedError
        return 404

    def clock(self) -> float:
        return self.now


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    made = Answers()
    monkeypatch.setattr("gateway.hub.servicechecks.probe.get", made.get)
    return made


async def test_any_answer_is_up_and_none_is_down(answers: Answers) -> None:
    answers.silent = {B.url}
    checks = Checks(lambda: [A, B], answers.clock)
    assert (checks.status(A), checks.status(B)) == ("unknown", "unknown")
    await checks.round()
    assert (checks.status(A), checks.status(B)) == ("up", "down")
    assert sorted(answers.asked) == [A.url + A.path, B.url + B.path]


async def test_who_answers_is_asked_rarely_and_who_does_not_soon_at_first(answers: Answers) -> None:
    answers.silent = {B.url}
    checks = Checks(lambda: [A, B], answers.clock)
    times: dict[str, list[float]] = {A.url: [], B.url: []}
    for second in range(100):
        answers.now = float(second)
        answers.asked.clear()
        await checks.round()
        for asked in answers.asked:
            times[asked.partition("/services")[0]].append(answers.now)
    assert times[A.url] == [0, RARELY, 2 * RARELY, 3 * RARELY]
    assert times[B.url] == [0, 2, 6, 14, 30, 60, 90]
    answers.silent.clear()
    answers.now = 120
    await checks.round()
    assert checks.status(B) == "up"


async def test_one_that_was_up_is_asked_soon_when_it_falls_silent(answers: Answers) -> None:
    checks = Checks(lambda: [A], answers.clock)
    await checks.round()
    answers.silent, answers.now = {A.url}, RARELY
    await checks.round()
    answers.silent.clear()
    answers.now += 2
    await checks.round()
    assert (checks.status(A), len(answers.asked)) == ("up", 3)


async def test_what_is_no_place_any_more_is_forgotten(answers: Answers) -> None:
    places = [A]
    checks = Checks(lambda: places, answers.clock)
    await checks.round()
    places.clear()
    await checks.round()
    places.append(A)
    assert checks.status(A) == "unknown"
