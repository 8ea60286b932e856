"""`Storage` in memory, for tests of plugins."""

from __future__ import annotations

import asyncio
import json

from gateway.model import Json

LONGEST_KEY = 512


class MemoryStorage:
    """Keeps what survives JSON, and lets other tasks run at each call, as a real one does."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.writes = 0

    async def get(self, key: str) -> Json:
        await asyncio.sleep(0)
        value: Json = json.loads(self.rows.get(self._checked(key), "null"))
        return value

    async def put(self, key: str, value: Json) -> None:
        await asyncio.sleep(0)
        self.writes += 1
        self.rows[self._checked(key)] = json.dumps(value)

    async def delete(self, key: str) -> None:
        await asyncio.sleep(0)
        self.writes += 1
        self.rows.pop(self._checked(key), None)

    @staticmethod
    def _checked(key: str) -> str:
        assert len(key) <= LONGEST_KEY
        key.encode("utf-8")
        assert "\0" not in key
        return key
