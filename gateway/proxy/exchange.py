"""One request and what becomes of it: the record that lanes fill, and that the live index and the access log read."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from mitmproxy.connection import Client
from mitmproxy.proxy import commands

from gateway.model import Identity
from gateway.proxy.credentials import Credential
from gateway.proxy.facts import Facts, Head
from gateway.proxy.gate import Forward


@dataclass(slots=True, eq=False)
class Exchange:
    id: str
    """The request's id, as upstreams and the log see it."""
    client: Client
    head: Head
    started: float
    """POSIX seconds."""
    peer: str
    """The client's address; once `facts` are known, the one that they give."""
    facts: Facts | None = None
    user: str = ""
    """Who sent it, as far as this worker knows, whatever became of it; for the log."""
    forward: Forward | None = None
    """Set while an upstream works on it; what the gate decided."""
    lane: Literal["express", "flow", "gate"] = "gate"
    """Who answers; `gate` is the worker itself."""
    refusal: str = ""
    """Why the gateway answered by itself, in a word of `Refuse`; or what else it answered."""
    status: int = 0
    """Sent to the client; 0 = nothing."""
    sent: int = 0
    """Bytes to the client, after the head."""
    received: int = 0
    """Bytes from the client, after the head."""
    upgraded: bool = False
    moved: int = 0
    """`sent` and `received` together, when it was last looked whether bytes still pass."""

    @property
    def identity(self) -> Identity | None:
        return self.forward.identity if self.forward is not None else None


@dataclass(slots=True, eq=False)
class Question:
    """Who is behind this credential? A lane asks; then it looks into the replica again."""

    credential: Credential
    client: str
    """The address that unknown credentials are counted for."""
    answered: bool = False
    """The replica knows what the hub knows."""
    limited: bool = False
    """Too many unknown credentials came from that address."""


@dataclass
class HubgateAskHook(commands.StartHook):
    """A lane waits until `question` is answered. Not for addons."""

    question: Question


@dataclass(frozen=True, slots=True)
class RequestIds:
    """Unique over all workers, and cheap."""

    prefix: str = field(default_factory=lambda: secrets.token_hex(6))
    count: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self) -> str:
        return f"{self.prefix}-{next(self.count):x}"


type Clock = Callable[[], float]
"""POSIX seconds, as `time.time`."""
