"""How a lane's life is written: generators that yield mitmproxy commands, and `MORE` to get the next event.

    event = yield MORE                      # DataReceived, ConnectionClosed, …
    yield commands.SendData(client, data)   # done at once
    error = yield commands.OpenConnection(server)   # goes on when that is done

Pure: what the steps do is decided by whoever runs them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from mitmproxy.proxy import commands


class More(commands.Command):
    """Nothing to do before the next event."""


MORE = More()

type Steps[T] = Generator[commands.Command, Any, T]
