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


@dataclass(eq=False)
class Tee:
    """What passes, kept up to a limit."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0

    def __call__(self, data: bytes) -> bytes:
        self.size += len(data)
        if (room := self.limit - len(self.kept)) > 0:
            self.kept += data[:room]
        return data


class Message:
    """A head and the beginning of its body, as they were sent."""

    def __init__(self, limit: int) -> None:
        self.head = b""
        self._limit = limit
        self._body = Tee(limit)

    def passed(self, data: bytes) -> None:
        if self.head:
            self._body(data)
        else:
            self.head, _, body = data.partition(b"\r\n\r\n")
            self._body(body)

    def again(self) -> None:
        """It is sent once more, over another connection."""
        self.head, self._body = b"", Tee(self._limit)

    def part(self, size: int, omitted: str) -> Part:
        """`size` is the body's, without framing."""
        lines = [line.partition(b":") for line in self.head.split(b"\r\n")[1:]]
        headers = [(text(name), text(value.strip())) for name, _, value in lines]
        kept = bytes(self._body.kept)
        if any(name.lower() == "transfer-encoding" for name, _ in headers):
            kept, _ = Chunked().take(kept)
        return Part(headers, kept, size, omitted)


class Glance:
    def __init__(self, client: Connection, limit: int, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.request, self.response = Message(limit), Message(limit)
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
        now = self._clock()
        if command.connection is not self._client:
            self.request.passed(command.data)
            self.times["sent"] = now
        elif self.response.head or command.data[9:10] != b"1":  # `HTTP/1.1 103` is none yet
            self.response.passed(command.data)
            self.times.setdefault("first", now)
            self.times["end"] = now


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
