"""Records on disk: added, found, and readable after a crash in mid-write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.hub.tape import FILE, Tape
from tests.gateway.test_flowfilter import record


def line(**more: Any) -> str:
    return json.dumps(record(**more))


def message(flow: str, number: int) -> str:
    return json.dumps({"kind": "message", "flow": flow, "number": number, "time": 5.0, "data": "x" * number})


def end(flow: str) -> str:
    return json.dumps({"kind": "end", "flow": flow, "time": 11.0, "code": 1000, "reason": "", "by_client": True})


def test_flows_and_their_messages(tmp_path: Path) -> None:
    tape = Tape(tmp_path)
    tape.look()
    assert tape.flows == []
    assert tape.size == 0
    tape.add([line(), message("a-1", 1), line(flow="a-2"), message("nobody", 1), message("a-1", 2), end("a-1")])
    tape.look()
    first, second = tape.flows
    assert (first.summary["number"], first.summary["messages"], first.summary["seconds"]) == (1, 2, 10.0)
    assert (second.summary["status"], second.summary["type"], second.summary["sent"]) == (404, "text/html", 5)
    assert [each["number"] for each in tape.read(first.messages)] == [1, 2]
    tape.add([message("a-2", 7)])
    tape.look()
    assert tape.read(second.messages)[0]["data"] == "x" * 7
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_half_a_line(tmp_path: Path) -> None:
    tape = Tape(tmp_path)
    tape.mend()
    tape.add([line()])
    whole = tape.size
    with (tmp_path / FILE).open("a") as file:
        file.write(line(flow="a-2")[:-5])
    tape.look()
    assert len(tape.flows) == 1
    after = Tape(tmp_path)
    after.mend()
    assert after.size == whole
    after.add([line(flow="a-3")])
    after.look()
    assert [each.summary["flow"] for each in after.flows] == ["a-1", "a-3"]


def test_nothing_but_half_a_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    tape = Tape(tmp_path)
    tape.mend()
    assert tape.size == 0


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"no json\n[]\n{{}}\n{line()}\n")
    tape = Tape(tmp_path)
    tape.look()
    assert len(tape.flows) == 1
