"""What the local spawner remembers of a server: the JSON value in `Target.state`. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gateway.model import Json
from plugins.spawners.procfs import Process


@dataclass(frozen=True, slots=True)
class Record:
    pid: int
    start_time: int
    port: int
    start_id: str
    boot: str
    """Start times count from the boot, so that after another one they mean nothing."""

    @property
    def process(self) -> Process:
        return Process(self.pid, self.start_time)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(value: Json, boot: str, start_id: str) -> Record | None:
    """The record of this start on this boot; None for anything else."""
    if not isinstance(value, dict):
        return None
    try:
        record = Record(**value)
    except TypeError:
        return None
    numbers = (record.pid, record.start_time, record.port)
    if not all(type(number) is int and number > 0 for number in numbers):
        return None
    return record if (record.boot, record.start_id) == (boot, start_id) else None
