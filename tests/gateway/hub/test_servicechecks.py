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


async def test_who_answers_is_asked_rarely_and_who_does_not_each_time(answers: Answers) -> None:
    answers.silent = {B.url}
    checks = Checks(lambda: [A, B], answers.clock)
    for answers.now in (0.0, 1.0, RARELY):
        await checks.round()
    assert [url.count(":1/") for url in answers.asked].count(1) == 2
    assert [url.count(":2/") for url in answers.asked].count(1) == 3
    answers.silent = set()
    await checks.round()
    assert checks.status(B) == "up"


async def test_what_is_no_place_any_more_is_forgotten(answers: Answers) -> None:
    places = [A]
    checks = Checks(lambda: places, answers.clock)
    await checks.round()
    places.clear()
    await checks.round()
    places.append(A)
    assert checks.status(A) == "unknown"
