"""The hub's end of the channel: a raw ASGI WebSocket, one for each worker.

`gateway.hub.asgi` has checked the secret before anything here is called.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.channel.messages import (
    HEARTBEAT,
    SILENCE,
    VERSION,
    Activity,
    Answer,
    Ask,
    Beat,
    Captured,
    FromWorker,
    Hello,
    Measures,
    Requests,
    decode_from_worker,
    encode,
)
from gateway.channel.together import until_one_ends
from gateway.errors import ChannelError
from gateway.hub.activity import ActivityLog
from gateway.hub.identities import Identities
from gateway.hub.keys import Keys
from gateway.hub.requestlog import RequestLog
from gateway.hub.routes import Routes
from gateway.hub.visits import Visits
from gateway.hub.workers import Link, Workers
from gateway.hub.workload import Workload

log = logging.getLogger(__name__)

type Event = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Event]]
type Send = Callable[[Event], Awaitable[None]]

ASKS = 256
"""Questions of one worker that are answered at a time; the rest waits unread."""
FAREWELL = 1.0
"""Seconds to tell a worker why it is disconnected."""


class Gone(Exception):
    """The worker has closed the connection."""


class Channel:
    def __init__(
        self,
        *,
        workers: Workers,
        routes: Routes,
        identities: Identities,
        keys: Keys,
        activity: ActivityLog,
        visits: Visits,
        requests: RequestLog,
        workload: Workload,
        captured: Callable[[Captured], None],
        clock: Callable[[], float],
    ) -> None:
        self._workers = workers
        self._routes = routes
        self._identities = identities
        self._keys = keys
        self._activity = activity
        self._visits = visits
        self._requests = requests
        self._workload = workload
        self._captured = captured
        self._clock = clock

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends, from whichever side."""
        await receive()
        await send({"type": "websocket.accept"})
        try:
            hello = await _message(receive)
            if not isinstance(hello, Hello) or hello.version != VERSION:
                raise ChannelError(f"expected a hello of version {VERSION}")
            keys = (self._keys.signing_key, self._keys.signing_key_id)
            link = self._workers.join(hello, self._routes.table, keys, self._clock())
            self._workload.joined(hello.worker, hello.pid)
            try:
                await self._serve(link, receive, send)
            finally:
                self._workers.leave(link)
                if not link.replaced:
                    self._workload.left(hello.worker)
        except (Gone, OSError):
            return
        except ChannelError as error:
            log.warning("a worker is disconnected: %s", error.message)
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(FAREWELL):
                    await send({"type": "websocket.close", "code": 1002, "reason": error.message[:100]})

    async def _serve(self, link: Link, receive: Receive, send: Send) -> None:
        """Read, write and beat, until the first of them ends; then end the others."""

        async def text(frame: str) -> None:
            await send({"type": "websocket.send", "text": frame})

        await until_one_ends(self._listen(link, receive), link.outbox.drain(text), _beat(link))

    async def _listen(self, link: Link, receive: Receive) -> None:
        room = asyncio.Semaphore(ASKS)
        asks: set[asyncio.Task[None]] = set()
        try:
            while True:
                match await _message(receive):
                    case Ask() as ask:
                        await room.acquire()
                        task = asyncio.create_task(self._answer(link, ask, room))
                        asks.add(task)
                        task.add_done_callback(asks.discard)
                    case Hello():
                        raise ChannelError("a second hello")
                    case told:
                        self._noted(link.who.worker, told)
        finally:
            for task in asks:
                task.cancel()

    def _noted(self, worker: str, told: FromWorker) -> None:
        """What needs no answer."""
        match told:
            case Activity():
                self._activity.note(told.credentials, told.servers)
                self._visits.note(told.visits, told.addresses)
            case Requests(lines, lost):
                self._requests.add(worker, lines, lost)
            case Captured():
                self._captured(told)
            case Measures():
                self._workload.note(worker, told)
            case Beat(at):
                if 0 < at <= (now := time.monotonic()):
                    self._workload.came_back(worker, now - at)

    async def _answer(self, link: Link, ask: Ask, room: asyncio.Semaphore) -> None:
        """No answer at all when the store is away: the worker knows what that means."""
        try:
            identity, revision = await self._identities.resolve(ask.credential, ask.digest)
            link.outbox.put(encode(Answer(ask.id, identity, revision)))
        except Exception:
            log.exception("a question of worker %s cannot be answered", link.who.worker)
        finally:
            room.release()


async def _beat(link: Link) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        if link.replaced:
            raise ChannelError("the worker has connected again")
        link.outbox.put(encode(Beat(time.monotonic())))


async def _message(receive: Receive) -> FromWorker:
    """The next message; `Gone` when there is none to come, `ChannelError` after a silence."""
    try:
        async with asyncio.timeout(SILENCE):
            event = await receive()
    except TimeoutError:
        raise ChannelError(f"nothing was heard for {SILENCE:g} seconds") from None
    if event["type"] != "websocket.receive":
        raise Gone
    frame: str | bytes = event.get("text") or event.get("bytes") or ""
    return decode_from_worker(frame)
