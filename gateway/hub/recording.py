"""One capture at the hub: what comes for it waits here for the disk, and what it has is read from here."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gateway.hub.capturefolder import Capture
from gateway.hub.tape import RECORDS, Entry, Json, Tape

WAITING = 8 * 1024 * 1024
"""Characters that wait for the disk; what comes while it does not keep up is counted."""
BATCH = 1024 * 1024
FLOW = '{"kind":"flow"'


class Recording:
    def __init__(self, capture: Capture, key: str, folder: Path) -> None:
        self.capture = capture
        self.key = key
        self.ending = False
        """Workers are told that it is over."""
        self.writing = asyncio.Lock()
        self.closing = asyncio.Lock()
        self.problem = ""
        """Why nothing more can be kept, in words."""
        self._folder = folder
        self._tape = Tape(folder)
        self._waiting: deque[str] = deque()
        self._size = 0
        self._lock = asyncio.Lock()

    # ── writing ──────────────────────────────────────────────────────────────

    def take(self, records: Sequence[str], dropped: int) -> None:
        """What a worker tells. Never waits."""
        for record in records:
            if self._size + len(record) > WAITING or self.problem:
                dropped += 1
            else:
                self._waiting.append(record)
                self._size += len(record)
        if dropped > 0:
            self.capture = replace(self.capture, dropped=self.capture.dropped + dropped)

    async def write(self) -> set[str]:
        """Everything that waits; the users whom it concerns and who were not in it before."""
        before = set(self.capture.users)
        while self._waiting:
            batch, size = self._batch()
            if not batch:
                break
            try:
                flows, users = await asyncio.to_thread(self._written, batch)
            except OSError as error:
                self.problem = f"it cannot be written: {error.strerror or error}"
                break
            capture = self.capture
            self.capture = replace(
                capture,
                flows=capture.flows + flows,
                records=capture.records + len(batch),
                bytes=capture.bytes + size,
                users=tuple(sorted({*capture.users, *users})),
            )
        if self.problem and self._waiting:
            self.capture = replace(self.capture, dropped=self.capture.dropped + len(self._waiting))
            self._waiting.clear()
            self._size = 0
        return set(self.capture.users) - before

    def _batch(self) -> tuple[list[str], int]:
        """The next records, as far as there is room for them, and their bytes."""
        batch: list[str] = []
        size = 0
        room = self.capture.size - self.capture.bytes
        while self._waiting and size < BATCH:
            cost = len(self._waiting[0].encode()) + 1
            if size + cost > room or self.capture.records + len(batch) >= RECORDS:
                self.problem = "it is full"
                break
            record = self._waiting.popleft()
            self._size -= len(record)
            batch.append(record)
            size += cost
        return batch, size

    def _written(self, batch: Sequence[str]) -> tuple[int, set[str]]:
        self._tape.add(batch)
        flows = [json.loads(record) for record in batch if record.startswith(FLOW)]
        return len(flows), {name for flow in flows for name in (flow["user"], flow["owner"]) if name}

    async def resume(self) -> None:
        """Go on after a restart of the hub."""
        async with self._lock:
            await asyncio.to_thread(self._tape.mend)
            await asyncio.to_thread(self._tape.look)
        self.capture = replace(
            self.capture, flows=len(self._tape.flows), records=self._tape.records, bytes=self._tape.size
        )

    # ── reading ──────────────────────────────────────────────────────────────

    def forget(self) -> None:
        """What is in memory of what stands on disk; the next look reads it again."""
        self._tape = Tape(self._folder)

    async def look(self) -> list[Entry]:
        """All flows, as they are now."""
        async with self._lock:
            tape = self._tape
            await asyncio.to_thread(tape.look)
            return list(tape.flows)

    async def find(self, flow: str) -> int:
        """The number of the request with this id, as it is in its list; 0 = it is not there."""
        await self.look()
        return self._tape.number(flow)

    async def read(self, entry: Entry, after: int, limit: int) -> Json:
        """A flow with its messages, those after the first `after`."""
        places = [entry.place, *entry.messages[after : after + limit], *([entry.end] if entry.end else [])]
        found = await asyncio.to_thread(self._tape.read, places)
        end = found.pop() if entry.end else None
        return {**found[0], "messages": found[1:], "end": end, "count": len(entry.messages)}

    def raw(self, entry: Entry) -> list[bytes]:
        """The lines of a flow, all of them, in their order. Blocks."""
        return list(self._tape.lines([entry.place, *entry.messages, *([entry.end] if entry.end else [])]))

    def record(self, entry: Entry) -> Json:
        """A flow's own record. Blocks."""
        return self._tape.read([entry.place])[0]

    def parsed(self, entry: Entry, first: int, count: int) -> list[Json]:
        """Some of a flow's messages. Blocks."""
        return self._tape.read(entry.messages[first : first + count])
