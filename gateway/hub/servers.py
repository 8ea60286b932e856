"""All servers: the registry of what is not stopped, and what may be asked of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from gateway.model import Profile, Progress, Server, User


class Servers:
    """What is not stopped lives in memory, each with its task; the store knows all."""

    def profiles_for(self, user: User) -> list[Profile]:
        """What `user` may start, by the groups of each profile; the first is the default."""
        raise NotImplementedError

    def live(self, user: str, name: str = "") -> Server | None:
        """The record of a server that is not stopped, from memory; None when it is."""
        raise NotImplementedError

    async def get(self, user: str, name: str = "") -> Server | None:
        """The record, current to the moment. A default server ("") always has one."""
        raise NotImplementedError

    async def of_user(self, user: str) -> list[Server]:
        """All of a user's records, the default server first, then by name."""
        raise NotImplementedError

    async def start(
        self, user: str, name: str = "", profile: str = "", options: Mapping[str, Any] | None = None, by: str = ""
    ) -> Server:
        """Queue a start and return the record. `by` is who asked, for the audit.

        `profile` "" and `options` None mean: as the last time, else the default.
        Raises NotFound (no such user), Forbidden (disabled or being removed),
        Conflict (not stopped), BadInput (profile, options, name, too many servers),
        TooMany (the queue is full).
        """
        raise NotImplementedError

    async def stop(self, user: str, name: str = "", by: str = "", reason: str = "") -> None:
        """Ask it to stop, in whatever state it is; returns at once. Fine when stopped."""
        raise NotImplementedError

    async def stopped(self, user: str, name: str = "", timeout: float | None = None) -> bool:
        """Wait until it is stopped; False when `timeout` is over before."""
        raise NotImplementedError

    async def wait(self, user: str, name: str = "", timeout: float | None = None) -> Server:
        """Wait until it is ready or stopped, at most `timeout`; then the record."""
        raise NotImplementedError

    def progress(self, user: str, name: str = "") -> AsyncIterator[Progress]:
        """The steps of the current or last start, from its first one; ends after the last.

        A server that is stopped with a message gives one failed step, one that is
        ready one ready step; otherwise BadInput ("is not starting").
        """
        raise NotImplementedError

    async def log_tail(self, user: str, name: str = "", lines: int = 50) -> str:
        """The last lines of what the server wrote; "" when it wrote nothing."""
        raise NotImplementedError

    def position(self, user: str, name: str = "") -> int | None:
        """The place in the start queue, from 1; None when it does not wait."""
        raise NotImplementedError

    async def remove(self, user: str, name: str) -> None:
        """Forget a stopped server and its log. NotFound; Conflict when not stopped."""
        raise NotImplementedError
