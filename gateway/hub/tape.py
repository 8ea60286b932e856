"""The records of one capture on disk: lines of JSON, only ever added, and where each one stands.

A crash in mid-write leaves half a line, which is not counted and is cut off before more is
added. All methods block: for a thread. One writer; readers may look on meanwhile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "records.jsonl"
RECORDS = 200_000
"""Of one capture; each costs a place in memory when somebody looks."""
CHUNK = 1024 * 1024

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands."""

    offset: int
    length: int


@dataclass(slots=True)
class Entry:
    """A flow in the list."""

    place: Place
    summary: Json
    messages: list[Place] = field(default_factory=list)
    end: Place | None = None


class Tape:
    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.flows: list[Entry] = []
        """In their order."""
        self._by_id: dict[str, Entry] = {}
        self._read = 0
        """Bytes that have been looked at."""
        self.records = 0

    @property
    def size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def mend(self) -> None:
        """Cut off half a line, which a crash has left."""
        try:
            with self._path.open("r+b") as file:
                end = file.seek(0, os.SEEK_END)
                while end > 0:
                    begin = max(0, end - CHUNK)
                    file.seek(begin)
                    if (found := file.read(end - begin).rfind(b"\n")) >= 0:
                        file.truncate(begin + found + 1)
                        return
                    end = begin
                file.truncate(0)
        except FileNotFoundError:
            return

    def add(self, records: Iterable[str]) -> None:
        """`OSError` when the disk does not take them."""
        data = "".join(f"{record}\n" for record in records).encode()
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = 0
            while written < len(data):
                written += os.write(fd, data[written:])
        finally:
            os.close(fd)

    def look(self) -> None:
        """Take note of what has been added since the last look."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n") or self.records >= RECORDS:
                    return
                place = Place(self._read, len(line))
                self._read += len(line)
                self.records += 1
                if (record := _parsed(line)) is not None:
                    self._note(record, place)

    def _note(self, record: Json, place: Place) -> None:
        known = self._by_id.get(record["flow"])
        match record["kind"]:
            case "flow" if known is None:
                entry = Entry(place, {"number": len(self.flows) + 1, **summary(record)})
                self.flows.append(entry)
                self._by_id[record["flow"]] = entry
            case "message" if known is not None:
                known.messages.append(place)
                known.summary["messages"] += 1
            case "end" if known is not None:
                known.end = place
                known.summary["seconds"] = record["time"] - known.summary["time"]

    def number(self, flow: str) -> int:
        """A flow's place among those looked at, from 1; 0 = it is not there."""
        known = self._by_id.get(flow)
        return known.summary["number"] if known is not None else 0

    def read(self, places: Sequence[Place]) -> list[Json]:
        return [json.loads(line) for line in self.lines(places)]

    def lines(self, places: Iterable[Place]) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for place in places:
                file.seek(place.offset)
                yield file.read(place.length)


def _parsed(line: bytes) -> Json | None:
    """A record, if it has what every one has."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    fits = isinstance(record, dict) and isinstance(record.get("flow"), str) and isinstance(record.get("kind"), str)
    return record if fits else None


def summary(record: Json) -> Json:
    """A flow in one line of a list."""
    request, response, times = record["request"], record["response"], record["times"]
    kind = next((value for name, value in (response or {}).get("headers", ()) if name.lower() == "content-type"), "")
    return {
        "flow": record["flow"],
        "time": times["begin"],
        "seconds": max(0.0, times.get("end", times["begin"]) - times["begin"]),
        "user": record["user"],
        "route": record["route"],
        "client": record["client"],
        "method": request["method"],
        "host": request["host"],
        "target": request["target"],
        "status": response["status"] if response else 0,
        "type": kind.partition(";")[0],
        "sent": response["body"]["size"] if response else 0,
        "received": request["body"]["size"],
        "websocket": record["websocket"],
        "messages": 0,
        "error": record["error"],
    }
