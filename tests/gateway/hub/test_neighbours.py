"""What else went on around a request: whose, when, how many."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from gateway.hub.neighbours import SHOWN, around
from gateway.hub.requestlog import RequestLog

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp()


def line(request: str, at: float, seconds: float = 0.1, **more: Any) -> str:
    time = datetime.fromtimestamp(NOON + at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "id": request, "client": "10.0.0.7", "user": "ada", "seconds": seconds, **more})


def log(*lines: str) -> RequestLog:
    made = RequestLog()
    made.add("1", lines)
    return made


def test_the_senders_requests_that_overlap_with_it() -> None:
    lines = (
        line("long-ago", -60), line("just-before", -0.4), line("still-on", -30, 29.9), line("other", 0, user="grace"),
        line("this", 0, 2), line("meanwhile", 1), line("after", 3.9), line("later", 4.1),
    )  # fmt: skip
    found = around(log(*lines).after(), "this")
    assert found is not None
    assert [each["id"] for each in found.all] == ["still-on", "just-before", "this", "meanwhile", "after"]
    assert (found.request["id"], found.begin - NOON, found.end - NOON) == ("this", -2, 4)


def test_a_name_is_the_whole_of_one_in_any_script() -> None:
    lines = (
        line("this", 0, user="tsn\u06cc"),
        line("mine", 0.1, user="tsn\u06cc"),
        line("other", 0.1, user="tsn\u06cc2"),
    )
    found = around(log(*lines).after(), "this")
    assert found is not None
    assert [each["id"] for each in found.all] == ["this", "mine"]


def test_the_stretch_has_bounds() -> None:
    for seconds, margin in ((0.0, 0.5), (3600.0, 5.0)):
        found = around(log(line("this", 0, seconds)).after(), "this")
        assert found is not None
        assert (NOON - found.begin, found.end - NOON - seconds) == (margin, margin)


def test_of_nobody_known_the_address_counts() -> None:
    lines = (line("this", 0, user=""), line("mine", 0.1, user=""), line("other", 0.1, user="", client="10.0.0.8"))
    found = around(log(*lines).after(), "this")
    assert found is not None
    assert [each["id"] for each in found.all] == ["this", "mine"]


def test_of_many_the_nearest() -> None:
    lines = (line(f"n-{number}", number / 1000) for number in range(3 * SHOWN))
    found = around(log(*lines).after(), f"n-{SHOWN}")
    assert found is not None
    assert len(found.all) == SHOWN
    assert found.request in found.all


def test_an_id_is_the_whole_of_one() -> None:
    kept = log(line("a-12", 0), line("x", 0, path="a-1")).after()
    assert around(kept, "a-1") is None
    assert around(kept, "") is None
    assert around((), "a-1") is None
