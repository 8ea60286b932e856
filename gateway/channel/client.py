"""The worker's end of the channel: connect, say hello, listen, beat; and again, when it breaks.

What arrives is handed to `receive` in its order, one message after the other, in
the same step of the event loop. What this end has to say waits in a bounded queue.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import WebSocketException

from gateway.channel.messages import (
    HEARTBEAT,
    MAX_FRAME,
    PATH,
    SECRET_HEADER,
    SILENCE,
    VERSION,
    Beat,
    FromHub,
    FromWorker,
    Hello,
    Welcome,
    decode_from_hub,
    encode,
    packed,
)
from gateway.channel.together import until_one_ends
from gateway.errors import ChannelError
from gateway.forms import Place, joined

log = logging.getLogger(__name__)

BACKOFF = 1.0
"""Longest pause in seconds before the next attempt; the first is a tenth of it."""
WAITING = 20_000
"""Messages that may wait to be sent; a hub that takes none is away."""


class Listener(Protocol):
    """Who listens to the hub."""

    def hello(self) -> Hello:
        """What has been seen of the hub so far."""

    def receive(self, message: FromHub) -> None:
        """`ChannelError` when it makes no sense: the connection is made anew."""

    def lost(self) -> None:
        """The hub cannot be heard any more; called after each attempt, too."""


class Client:
    def __init__(self, place: Place, secret: str) -> None:
        self._place = place
        self._secret = secret
        self._outgoing: asyncio.Queue[FromWorker] | None = None

    @property
    def waiting(self) -> int:
        """Messages that are not sent yet."""
        return self._outgoing.qsize() if self._outgoing is not None else 0

    def send(self, message: FromWorker) -> bool:
        """Send soon; False when there is no connection."""
        if self._outgoing is None:
            return False
        try:
            self._outgoing.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True

    async def run(self, listener: Listener) -> None:
        """For ever. What breaks is logged once, until it works again."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._connection(listener)
            except (OSError, WebSocketException, ChannelError, TimeoutError) as error:
                if failures == 0:
                    log.warning("the hub cannot be reached: %s", _words(error))
            finally:
                self._outgoing = None
                listener.lost()
            lasted = asyncio.get_running_loop().time() - began
            failures = 0 if lasted > SILENCE else failures + 1
            await asyncio.sleep(BACKOFF * min(1.0, 0.1 * 2**failures) * random.uniform(0.5, 1.0))  # noqa: S311

    async def _connection(self, listener: Listener) -> None:
        """One connection, from its handshake to whatever ends it."""
        async with asyncio.timeout(SILENCE):
            socket = await self._connect()
        try:
            await socket.send(encode(listener.hello()))
            await self._talk(socket, listener)
        finally:
            socket.transport.abort()

    async def _connect(self) -> ClientConnection:
        options: dict[str, Any] = {
            "additional_headers": {SECRET_HEADER: self._secret},
            "compression": None,
            "max_size": MAX_FRAME,
            "ping_interval": None,  # the heartbeats tell more: that the other side is at work
            "open_timeout": SILENCE,
            "close_timeout": 0.5,
        }
        if isinstance(self._place, tuple):
            return await connect(f"ws://{joined(*self._place)}{PATH}", proxy=None, **options)
        return await unix_connect(str(self._place), f"ws://hub{PATH}", **options)

    async def _talk(self, socket: ClientConnection, listener: Listener) -> None:
        """Listen, write and beat until the first of them ends; then end the others."""
        self._outgoing = asyncio.Queue(WAITING)
        await until_one_ends(self._listen(socket, listener), self._write(socket, self._outgoing), self._beat())

    async def _listen(self, socket: ClientConnection, listener: Listener) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    frame = await socket.recv()
            except TimeoutError:
                raise ChannelError(f"nothing was heard for {SILENCE:g} seconds") from None
            message = decode_from_hub(frame)
            if isinstance(message, Welcome):
                if message.version != VERSION:
                    raise ChannelError(f"the hub speaks version {message.version}, this worker {VERSION}")
                log.info("connected to the hub%s", ", resumed" if message.resumed else "")
            listener.receive(message)

    async def _write(self, socket: ClientConnection, outgoing: asyncio.Queue[FromWorker]) -> None:
        while True:
            await socket.send(packed(await outgoing.get()))
            await asyncio.sleep(0)  # a large one takes a while: others have their turn before the next

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            self.send(Beat())


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
