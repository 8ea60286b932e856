from __future__ import annotations

import json
from typing import Any

import pytest

from plugins.spawners import record
from plugins.spawners.procfs import Process
from plugins.spawners.record import Record

RECORD = Record(pid=10, start_time=20, port=30, start_id="s", boot="b")


def test_it_survives_json() -> None:
    kept = json.loads(json.dumps(RECORD.to_json()))
    assert record.from_json(kept, boot="b", start_id="s") == RECORD
    assert RECORD.process == Process(10, 20)


@pytest.mark.parametrize(
    "change",
    [{"boot": "other"}, {"start_id": "other"}, {"pid": "10"}, {"pid": 0}, {"pid": -1}, {"pid": True}, {"more": 1}],
)
def test_another_boot_another_start_and_nonsense_are_nothing(change: dict[str, Any]) -> None:
    assert record.from_json({**RECORD.to_json(), **change}, boot="b", start_id="s") is None


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"pid": 1}])
def test_what_is_no_record_is_none(value: Any) -> None:
    assert record.from_json(value, boot="b", start_id="s") is None
