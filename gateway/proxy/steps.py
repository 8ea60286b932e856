"""How a lane's life is written: generators that yield mitmproxy commands, and `MORE` to get the next event.

    event = yield MORE                      # DataReceived, ConnectionClosed, Late, …
    yield commands.SendData(client, data)   # done at once
    error = yield commands.OpenConnection(server)   # goes on when that is done

Pure: what the steps do is decided by whoever runs them.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from mitmproxy.proxy import commands, events


class Late(events.Event):
    """`Lane.deadline` has passed."""

    def __init__(self, held: bool = False) -> None:
        self.held = held
        """The client is not read at present, so that it cannot be blamed."""


class Leave(events.Event):
    """The worker stops: finish what was begun, then close."""


class Breath(commands.Command):
    """Go on once the others of the worker had their turn, and the client has taken what it was sent."""

    blocking = True


@dataclass
class Breathed(events.CommandCompleted):
    """Go on."""

    command: Breath
    reply: None = None


class More(commands.Command):
    """Nothing to do before the next event."""


MORE = More()

type Steps[T] = Generator[commands.Command, Any, T]
