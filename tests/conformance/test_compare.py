from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.call import Answer
from tests.conformance.compare import ABSENT, Deviation, Difference, deviations, normal


def answer(document: Any = None, status: int = 200, kind: str = "application/json", **headers: str) -> Answer:
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    return Answer(status, {"content-type": kind, **headers}, body)


def found(theirs: Answer, ours: Answer) -> list[tuple[str, Any, Any]]:
    return [(d.at, d.theirs, d.ours) for d in deviations("x: y", theirs, ours)]


def test_the_same_answer_deviates_nowhere() -> None:
    assert found(answer({"a": [1, {"b": None}]}), answer({"a": [1, {"b": None}]})) == []


def test_another_status_is_all_that_is_said() -> None:
    assert [at for at, *_ in found(answer({"a": 1}), answer({"b": 1}, 201))] == ["status"]


@pytest.mark.parametrize(
    ("theirs", "ours", "at"),
    [
        ({"a": 1}, {"a": 2}, "body.a"),
        ({"a": 1}, {"a": "1"}, "body.a"),
        ({"a": True}, {"a": 1}, "body.a"),
        ({"a": None}, {}, "body.a"),
        ({}, {"a": None}, "body.a"),
        ([1], [1, 1], "body"),
        ([{"a": [{"b": 1}]}], [{"a": [{"b": 2}]}], "body[0].a[0].b"),
        ({"message": "No such user"}, {"message": "No such User"}, "body.message"),
    ],
)
def test_it_says_where(theirs: Any, ours: Any, at: str) -> None:
    assert [where for where, *_ in found(answer(theirs), answer(ours))] == [at]


def test_an_absent_key_is_not_a_null() -> None:
    assert found(answer({"a": None}), answer({})) == [("body.a", None, ABSENT)]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"created": "2026-01-02T03:04:05.678901Z"}, {"created": "2026-11-25T20:00:00Z"}),
        ({"token": "abc"}, {"token": "xyz"}),
        ({"scopes": ["b", "a"]}, {"scopes": ["a", "b"]}),
    ],
)
def test_chance_is_no_deviation(theirs: Any, ours: Any) -> None:
    assert found(answer(theirs), answer(ours)) == []


def test_a_time_that_is_none_deviates() -> None:
    assert found(answer({"created": "2026-01-02T03:04:05Z"}), answer({"created": "yesterday"}))
    assert found(answer({"token": "abc"}), answer({"token": None})) == [("body.token", "<str>", "<NoneType>")]


def test_lists_that_are_no_sets_keep_their_order() -> None:
    assert found(answer([{"name": "a"}, {"name": "b"}]), answer([{"name": "b"}, {"name": "a"}]))


def test_headers_are_compared_without_parameters() -> None:
    assert found(answer({}, kind="application/json; charset=UTF-8"), answer({})) == []
    assert found(answer({}, kind="text/plain"), answer({})) == [
        ("headers.content-type", "text/plain", "application/json")
    ]


def test_a_stream_is_its_first_and_last_event() -> None:
    stream = b'\n\ndata: {"progress": 0}\n\ndata: {"progress": 7}\n\n\n\ndata: {"ready": true}\n\n'
    assert normal(answer(stream, kind="text/event-stream")) == [{"progress": 0}, {"ready": True}]


def test_a_body_that_is_no_json_is_text() -> None:
    assert normal(answer(b"oh\xff")) == "oh�"


@pytest.mark.parametrize(
    ("calls", "at", "covered"),
    [
        ("users: one", "body.name", True),
        ("users: *", "body.*", True),
        ("users: *", "status", False),
        ("groups: *", "body.name", False),
        ("users: one", "body.nam", False),
    ],
)
def test_a_difference_covers_what_it_names(calls: str, at: str, covered: bool) -> None:
    assert Difference(calls, at, "because").covers(Deviation("users: one", "body.name", 1, 2)) is covered


def test_a_bracket_stands_for_itself() -> None:
    assert Difference("*", "body[*].name", "because").covers(Deviation("x", "body[10].name", 1, 2))


@pytest.mark.parametrize(
    ("theirs", "ours", "covered"),
    [("*", "*", True), ("None", "*", True), ("None", "Not*", True), ("None", "No", False), ("", "*", False)],
)
def test_a_difference_may_say_what_both_give(theirs: str, ours: str, covered: bool) -> None:
    found = Deviation("x", "body.message", None, "Not Found")
    assert Difference("*", "*", "because", theirs, ours).covers(found) is covered
