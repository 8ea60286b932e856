"""The request log: bounds, numbers, and what is new for somebody who watches."""

from __future__ import annotations

import json

import pytest

from gateway.hub.requestlog import RequestLog, newest


def line(user: str = "alice", path: str = "/") -> str:
    return json.dumps({"user": user, "path": path})


def test_the_newest_come_first() -> None:
    log = RequestLog()
    log.add("1", [line(), line("bob")])
    log.add("2", [line()])
    found = newest(log.after(), lambda request: request["user"] == "alice", 10)
    assert [(each["number"], each["worker"], each["path"]) for each in found] == [(3, "2", "/"), (1, "1", "/")]
    assert [each["number"] for each in newest(log.after(), lambda _: True, 2)] == [3, 2]


def test_the_bounds_hold() -> None:
    log = RequestLog(lines=3, size=100)
    log.add("1", [line() for _ in range(10)])
    assert [seen.number for seen in log.after()] == [8, 9, 10]
    log.add("1", [line(path="x" * 60)])
    assert [seen.number for seen in log.after()] == [11]
    log.add("1", [line(path="x" * 200)])
    assert (len(log), log.number) == (0, 12)


@pytest.mark.parametrize(
    ("number", "expected"), [(-5, [8, 9, 10]), (0, [8, 9, 10]), (7, [8, 9, 10]), (8, [9, 10]), (10, []), (99, [])]
)
def test_what_is_new(number: int, expected: list[int]) -> None:
    log = RequestLog(lines=3)
    assert log.after(number) == ()
    log.add("1", [line() for _ in range(10)])
    assert [seen.number for seen in log.after(number)] == expected


def test_what_workers_lost_is_counted() -> None:
    log = RequestLog()
    log.add("1", [], lost=5)
    log.add("1", [], lost=-7)
    assert log.lost == 5


def test_listeners_get_every_line() -> None:
    heard: list[tuple[str, list[str]]] = []
    log = RequestLog(lines=1)
    log.listeners.append(lambda worker, lines: heard.append((worker, list(lines))))
    log.add("2", ["a", "b"])
    assert heard == [("2", ["a", "b"])]
