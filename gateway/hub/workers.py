"""The workers that are connected, and the one stream of pushes to all of them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.channel.journal import Journal
from gateway.channel.messages import Captures, Hello, Push, Reconnect, Welcome, encode
from gateway.hub.outbox import Outbox, snapshot_frames
from gateway.routes import RouteTable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connected:
    worker: str
    pid: int
    since: float


@dataclass(eq=False, slots=True)
class Link:
    """One worker's connection."""

    who: Connected
    outbox: Outbox = field(default_factory=Outbox)
    replaced: bool = False
    """The same worker has come again: this connection is to end."""


class Workers:
    def __init__(self) -> None:
        self.journal = Journal(secrets.token_hex(8))
        self._links: dict[str, Link] = {}
        self._one = asyncio.Event()
        self.captures: Callable[[], Captures] = lambda: Captures(())
        """Those that run, for a worker that comes."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when one comes or goes."""

    def __len__(self) -> int:
        return len(self._links)

    def listing(self) -> list[Connected]:
        return sorted((link.who for link in self._links.values()), key=lambda who: who.worker)

    async def one_at_least(self) -> None:
        """Wait until there is one, so that the API can be reached."""
        await self._one.wait()

    def push(self, push: Push) -> None:
        """Number it, keep it, and send it to everyone."""
        frame = encode(self.journal.add(push))
        for link in self._links.values():
            link.outbox.put(frame)

    def tell(self, message: Captures | Reconnect) -> None:
        """Send what needs no number to everyone who is there."""
        frame = encode(message)
        for link in self._links.values():
            link.outbox.put(frame)

    def join(self, hello: Hello, table: RouteTable, keys: tuple[str, str], now: float) -> Link:
        """Greet a worker with what it missed, or with everything, and send it all that follows.

        Nothing is awaited in here, so no push can slip in between.
        """
        link = Link(Connected(hello.worker, hello.pid, now))
        missed = self.journal.since(hello.boot, hello.seq)
        boot, seq = self.journal.boot, self.journal.seq
        orders = self.captures().orders
        link.outbox.put(encode(Welcome(boot, seq, missed is not None, keys[0], keys[1], captures=orders)))
        if missed is None:
            for frame in snapshot_frames(tuple(table.by_id.values())):
                link.outbox.put(frame, counts=False)
        for push in missed or ():
            link.outbox.put(encode(push), counts=False)
        if old := self._links.get(hello.worker):
            old.replaced = True
        self._links[hello.worker] = link
        self._one.set()
        log.info(
            "worker %s (pid %d) is connected%s", hello.worker, hello.pid, ", resumed" if missed is not None else ""
        )
        self.on_change()
        return link

    def leave(self, link: Link) -> None:
        if self._links.get(link.who.worker) is link:
            del self._links[link.who.worker]
            if not self._links:
                self._one.clear()
            log.info("worker %s (pid %d) is gone", link.who.worker, link.who.pid)
            self.on_change()
