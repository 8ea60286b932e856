"""What the hub says, applied: to the replica at once, and to what is open, which is judged again.

Revocation does not wait for a request: each `Invalidate` has the identities behind
open exchanges asked anew, and those that the gate would not let pass now are cut.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable

from gateway.channel.messages import (
    Answer,
    Beat,
    Captures,
    FromHub,
    FromWorker,
    Hello,
    Invalidate,
    Reconnect,
    RoutesChanged,
    SigningKey,
    Snapshot,
    Welcome,
)
from gateway.proxy.asks import Asks
from gateway.proxy.credentials import Credential
from gateway.proxy.desk import Desk
from gateway.proxy.exchange import Exchange
from gateway.proxy.gate import AWAY, Known
from gateway.proxy.identitytoken import Signer
from gateway.proxy.live import credentials, judged_again, leads_there

log = logging.getLogger(__name__)

AT_A_TIME = 64
"""Identities of open exchanges that are asked anew at a time."""


class HubSide:
    def __init__(
        self,
        desk: Desk,
        asks: Asks,
        *,
        worker: str,
        issuer: str,
        cut: Callable[[Exchange], None],
        complete: Callable[[], None],
        send: Callable[[FromWorker], bool],
        reconnect: Callable[[str], None] = lambda _capture: None,
    ) -> None:
        self._desk = desk
        self._asks = asks
        self._worker = worker
        self._issuer = issuer
        self._cut = cut
        self._reconnect = reconnect
        """Ends the open WebSockets that a capture misses."""
        self._complete = complete
        """Called whenever a whole table has come."""
        self._send = send
        self._doubtful: set[Credential] = set()
        """Behind open exchanges, and not asked anew yet."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_A_TIME)

    def hello(self) -> Hello:
        replica = self._desk.replica
        return Hello(self._worker, os.getpid(), replica.boot, replica.seq)

    def lost(self) -> None:
        self._desk.replica.lost(self._desk.clock())
        self._asks.lost()

    def receive(self, message: FromHub) -> None:
        """One message, in its order. Raises `ChannelError` when the stream makes no sense."""
        replica = self._desk.replica
        match message:
            case Answer():
                self._asks.answered(message)
            case Invalidate():
                replica.count(message.seq)
                touched = credentials(self._desk.live.touched(message))
                replica.invalidate(message)
                self._judge(touched)
            case RoutesChanged():
                replica.count(message.seq)
                self._moved(replica.routes_changed(message))
            case SigningKey():
                replica.count(message.seq)
                self._sign_with(message)
            case Welcome():
                replica.welcome(message)
                self._sign_with(message)
                self._desk.captures.set(message.captures)
                if message.resumed:
                    self._judge(self._doubtful)
            case Snapshot():
                self._moved(replica.snapshot(message))
                if message.last:
                    self._complete()
                    self._judge(credentials(self._desk.live))
            case Captures() | Reconnect() | Beat():
                self._unnumbered(message)

    def _unnumbered(self, message: Captures | Reconnect | Beat) -> None:
        match message:
            case Captures():
                self._desk.captures.set(message.orders)
            case Reconnect():
                self._reconnect(message.capture)
            case Beat() if message.at:
                self._send(message)  # the hub measures how long it takes to come back

    def _sign_with(self, message: Welcome | SigningKey) -> None:
        self._desk.signer = Signer(message.signing_key, message.signing_key_id, self._issuer)

    def sweep(self, now: float) -> None:
        """Twice a second: what has ended by time alone. The hub need not be there."""
        desk = self._desk
        over = [exchange for exchange in desk.live if exchange.identity] if desk.replica.grace_over(now) else []
        for exchange in (*desk.live.expired(now), *over):
            self._cut(exchange)
        for exchange in desk.live.lapsed(now):
            self._again(exchange, exchange.identity)
        for exchange in desk.policies.refused_by_now(desk.live, now):
            log.info("request %s is cut: a policy does not allow it any more", exchange.id)
            self._cut(exchange)

    def _moved(self, ids: Iterable[str]) -> None:
        """Routes that are gone or lead elsewhere: nobody stays where they led before."""
        for exchange in self._desk.live.of_routes(ids):
            if not leads_there(exchange, self._desk.replica.table):
                self._cut(exchange)

    def _judge(self, doubtful: Iterable[Credential]) -> None:
        for credential in list(doubtful):
            self._doubtful.add(credential)
            task = asyncio.create_task(self._judge_one(credential))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _judge_one(self, credential: Credential) -> None:
        """If the hub does not answer, what was allowed goes on until it is back."""
        async with self._room:
            if not await self._asks.ask(credential):
                return
        desk = self._desk
        known = desk.replica.find(credential, desk.clock())
        if known is AWAY:
            return
        self._doubtful.discard(credential)
        for exchange in desk.live.of_credential(credential):
            self._again(exchange, known)

    def _again(self, exchange: Exchange, known: Known) -> None:
        """Ask the gate once more about what it let pass."""
        desk = self._desk
        forward = judged_again(exchange, known, desk.replica.table, desk.clock(), desk.site)
        if forward is None:
            log.info("request %s is cut: it is no longer allowed", exchange.id)
            self._cut(exchange)
        else:
            desk.live.renew(exchange, forward)
