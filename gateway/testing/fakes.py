"""A hub, a clock, a storage and invitations in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.hookspecs import Storage
from gateway.model import Invitation, Json, Server, User

NOON = 1_767_614_400.0
"""2026-01-05 12:00 UTC, a Monday."""
LONGEST_KEY = 512


class FakeClock:
    """POSIX seconds that pass when they are told to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class MemoryStorage:
    """Keeps what survives JSON, and lets other tasks run at each call, as the real one does."""

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
        if len(key) > LONGEST_KEY or "\0" in key:
            raise ValueError(f"no key for a real storage: {key[:80]!r}")
        key.encode("utf-8")
        return key


class KeptInMemory:
    """What the hub keeps for a share handler."""

    def __init__(self) -> None:
        self.kept: dict[str, Invitation] = {}

    def keep(self, invitation: Invitation) -> Invitation:
        self.kept[invitation.code] = replace(invitation, id=str(len(self.kept) + 1), code="")
        return self.kept[invitation.code]

    async def find(self, code: str) -> Invitation | None:
        return self.kept.get(code)


class FakeHub:
    """A `HubView` over these users and servers, for handlers of API routes."""

    def __init__(
        self, users: Iterable[User] = (), servers: Iterable[Server] = (), clock: FakeClock | None = None
    ) -> None:
        self.users = {user.name: user for user in users}
        self.kept = list(servers)
        self.clock = clock or FakeClock()
        self._storage = MemoryStorage()

    @property
    def storage(self) -> Storage:
        return self._storage

    def now(self) -> float:
        return self.clock()

    async def user(self, name: str) -> User | None:
        return self.users.get(name)

    async def servers(self, user: str) -> Sequence[Server]:
        return [server for server in self.kept if server.user == user]
