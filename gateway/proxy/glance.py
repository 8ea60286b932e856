"""A request of the express lane that is recorded: what the lane sends, to either side, is looked at as it leaves.

The flow lane would cost eight times what the express lane does, and everybody else of the worker waits for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mitmproxy.connection import Connection
from mitmproxy.proxy import commands

from gateway.proxy.bodies import Chunked
from gateway.proxy.exchange import Clock
from gateway.proxy.records import Part
from gateway.proxy.steps import Steps

SWITCHING = b"101"


@dataclass(eq=False)
class Tee:
    """What passes, kept up to a limit."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.kept) >= self.limit

    def __call__(self, data: bytes) -> bytes:
        self.size += len(data)
        if (room := self.limit - len(self.kept)) > 0:
            self.kept += data[:room]
        return data


class Message:
    """A head and the beginning of its body, as they were sent; chunks are put together as they pass."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.again()

    def again(self) -> None:
        """It is sent from its beginning; perhaps once more, over another connection."""
        self.head = b""
        self.headers: list[tuple[str, str]] = []
        self._body = Tee(self._limit)
        self._chunks: Chunked | None = None

    def passed(self, data: bytes) -> None:
        if not self.head:
            self.head, _, data = data.partition(b"\r\n\r\n")
            lines = [line.partition(b":") for line in self.head.split(b"\r\n")[1:]]
            self.headers = [(text(name), text(value.strip())) for name, _, value in lines]
            if any(name.lower() == "transfer-encoding" for name, _ in self.headers):
                self._chunks = Chunked()
        if self._body.full:
            return
        if self._chunks is not None:
            data, _ = self._chunks.take(data)
        self._body(data)

    def part(self, size: int, omitted: str) -> Part:
        """`size` is the body's, without framing."""
        return Part(self.headers, bytes(self._body.kept), size, omitted)


class Glance:
    def __init__(self, client: Connection, limit: int, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.request, self.response = Message(limit), Message(limit)
        self._switched = False
        """Both sides speak another protocol from here on."""
        self.times: dict[str, float] = {}
        """POSIX seconds, as in `records.Seen`."""

    def along(self, steps: Steps[bool]) -> Steps[bool]:
        """The same steps."""
        reply: Any = None
        try:
            while True:
                try:
                    command = steps.send(reply)
                except StopIteration as end:
                    return bool(end.value)
                if isinstance(command, commands.SendData):
                    self._sent(command)
                    reply = yield command
                elif isinstance(command, commands.OpenConnection):
                    self.request.again()
                    began = self._clock()
                    reply = yield command
                    self.times["connect"] = self._clock() - began
                else:
                    reply = yield command
        finally:
            steps.close()

    def _sent(self, command: commands.SendData) -> None:
        if self._switched:
            return
        now = self._clock()
        if command.connection is not self._client:
            self.request.passed(command.data)
            self.times["sent"] = now
        elif self.response.head or not _interim(command.data):
            self.response.passed(command.data)
            self._switched = self.response.head[9:12] == SWITCHING
            self.times.setdefault("first", now)
            self.times["end"] = now


def _interim(response: bytes) -> bool:
    """After `HTTP/1.1 103` and the like there is another one to come."""
    return response[9:10] == b"1" and response[9:12] != SWITCHING


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
