"""Runs one client connection: turns what its sockets do into events for its lane, and the lane's commands into I/O.

mitmproxy's own handler reads with a task a connection and drains all writers under
one lock, which deadlocks when both sides send much, and never stops reading while
a layer waits. This one lets asyncio call back (`gateway.proxy.wire`):

- what an upstream sends is not read while the client takes nothing, and the reverse;
- nothing is read from a client beyond what its lane can use soon (`lane.full`);
- a peer that takes nothing for `WRITE_TIMEOUT` seconds is dropped;
- tasks exist only while something is waited for: a connect, a hook.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Protocol

from mitmproxy.connection import Connection, ConnectionState, Server
from mitmproxy.proxy import commands, events, server
from mitmproxy.proxy.context import Context

from gateway.proxy.lanes import Lane
from gateway.proxy.passing import TIMED_OUT
from gateway.proxy.pipe import Pipe
from gateway.proxy.steps import Breath, Breathed, Late, Leave
from gateway.proxy.wire import Wire

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
WRITE_TIMEOUT = 60.0
FAREWELL = 0.25
"""Seconds that a client has to take a WebSocket's close frame before it is cut off."""


class Outside(Protocol):
    """What a handler needs of its worker."""

    async def dial(self, handler: Handler, connection: Server) -> None:
        """Connect a `Wire` to `connection.address`, or raise `OSError`."""

    async def hook(self, hook: commands.StartHook) -> None:
        """Do what a lane asked for."""

    def hooked(self, hook: commands.StartHook) -> bool:
        """Do it now, unless it may take its time."""

    def gone(self, handler: Handler) -> None:
        """All of this connection's sockets are closed."""


class Handler(server.ConnectionHandler):
    layer: Lane

    def __init__(self, context: Context, outside: Outside) -> None:
        super().__init__(context)
        self.outside = outside
        self.client_wire = Wire(self, self.client)
        self.wires: dict[str, Wire] = {}
        """All that are open, by their connection's id; what we closed is in `_closing` until it is empty."""
        self._closing: set[Wire] = set()
        self._connects: dict[Connection, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._full = False
        """The client is not read; see `_client_waits`."""
        self._breath: Breath | None = None
        """The lane waits for this."""
        self._cut = False
        self._far: Wire | None = None
        """The upstream of an upgraded connection."""

    # ── events in, commands out ──────────────────────────────────────────────

    def event(self, event: events.Event) -> None:
        """Let the lane act on `event`, and do at once what it says."""
        if self._cut and not isinstance(event, events.ConnectionClosed):
            return  # a hook or a connect that was under way; nothing passes any more
        try:
            for command in self.layer.handle_event(event):
                if type(command) is commands.SendData:
                    if (wire := self.wires.get(command.connection.id)) is not None:
                        wire.transport.write(command.data)
                else:
                    self._execute(command)
        except Exception:
            # A bug must not leave a connection open in an unknown state.
            log.exception("a lane has failed; its connection is closed")
            self.abort()
        if self._client_waits() is not self._full:
            self.regulate()

    async def server_event(self, event: events.Event) -> None:
        """For mitmproxy's own addons, which inject messages by this name."""
        self.event(event)

    def _execute(self, command: commands.Command) -> None:
        match command:
            case commands.OpenConnection():
                self._connects[command.connection] = self._start(self._open(command))
            case commands.CloseTcpConnection() if command.half_close:
                if (wire := self.wires.get(command.connection.id)) is not None:
                    wire.half_close()
            case commands.CloseConnection():
                self._close(command.connection)
            case commands.StartHook():
                self._begin(command)
            case Breath():
                self._breath = command
                self.regulate()
            case commands.RequestWakeup():
                self._start(self.wakeup(command))
            case commands.Log():
                log.log(command.level if command.level >= logging.WARNING else logging.DEBUG, "%s", command.message)
            case _:
                raise RuntimeError(f"unexpected command: {command}")

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection's task has failed; the connection is closed", exc_info=error)
            self.abort()

    async def _open(self, command: commands.OpenConnection) -> None:
        problem: str | None = None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self.outside.dial(self, command.connection)
        except TimeoutError:
            problem = TIMED_OUT
        except OSError as error:
            problem = str(error) or type(error).__name__
        finally:
            self._connects.pop(command.connection, None)
        self.event(events.OpenConnectionCompleted(command, problem))

    async def handle_hook(self, hook: commands.StartHook) -> None:
        await self.outside.hook(hook)

    def _begin(self, hook: commands.StartHook) -> None:
        if not self.outside.hooked(hook):
            self._start(self._hook(hook))
        elif hook.blocking:  # it is done, but others have their turn before the lane goes on
            asyncio.get_running_loop().call_soon(self.event, events.HookCompleted(hook))

    async def _hook(self, hook: commands.StartHook) -> None:
        await self.handle_hook(hook)
        if hook.blocking:
            self.event(events.HookCompleted(hook))

    # ── what wires tell ──────────────────────────────────────────────────────

    def opened(self, wire: Wire) -> None:
        """A client's or an upstream's socket is connected."""
        wire.connection.state = ConnectionState.OPEN
        self.wires[wire.connection.id] = wire
        if wire is self.client_wire:
            self.event(events.Start())
        else:
            wire.connection.timestamp_start = time.time()
            wire.hold(self.client_wire.blocked)

    def received(self, wire: Wire, data: bytes) -> None:
        if self._cut:
            return
        if (pipe := self.layer.pipe) is None:
            self.event(events.DataReceived(wire.connection, data))
            return
        try:
            self._across(pipe, wire, data)
        except Exception:
            log.exception("a pipe has failed; its connection is closed")
            self.abort()

    def _across(self, pipe: Pipe, wire: Wire, data: bytes) -> None:
        """An upgraded connection: what has come goes to the other side, and the pipe takes note of it."""
        if self._far is None:
            self._far = self.wires.get(pipe.upstream.id)
        if wire is self.client_wire:
            pipe.from_client(data)
            other = self._far
        elif wire is self._far:
            pipe.from_upstream(data)
            other = self.client_wire
        else:  # an upstream of an earlier request, which should be silent
            self.event(events.DataReceived(wire.connection, data))
            return
        if other is not None and other.takes:
            other.transport.write(data)

    def ended(self, wire: Wire) -> None:
        """The peer sends no more. (asyncio says it again when a socket that was held is read on.)"""
        if wire.connection.id in self.wires and wire.connection.state & ConnectionState.CAN_READ and not self._cut:
            wire.connection.state &= ~ConnectionState.CAN_READ
            self.event(events.ConnectionClosed(wire.connection))

    def lost(self, wire: Wire) -> None:
        """The socket is closed, whoever did it."""
        self._closing.discard(wire)
        if self.wires.pop(wire.connection.id, None) is not None:
            wire.connection.state = ConnectionState.CLOSED
            if not self._cut or wire is self.client_wire:
                self.event(events.ConnectionClosed(wire.connection))
        if wire is self.client_wire:
            self._finish()
        else:
            self.regulate()
        if not self.wires and not self._closing:
            self.outside.gone(self)

    def regulate(self) -> None:
        """Read from each socket only while what it feeds takes more."""
        self._full = self._client_waits()
        if self._breath is not None and not self.client_wire.blocked:
            asyncio.get_running_loop().call_soon(self.event, Breathed(self._breath))
            self._breath = None
        held = self.client_wire.blocked or self.layer.choked
        blocked = False
        for wire in self.wires.values():
            if wire is not self.client_wire:
                blocked = blocked or wire.blocked
                wire.hold(held)
        self.client_wire.hold(blocked or self._full)

    def _client_waits(self) -> bool:
        """Is it not to be read, because its lane has enough, or it does not take the answers that it has?"""
        return self.layer.full or (self.client_wire.blocked and self.layer.exchange is None)

    # ── ends ─────────────────────────────────────────────────────────────────

    def tick(self, now: float) -> None:
        """Once a second: what takes too long?"""
        if self.layer.deadline <= now:
            self.event(Late(self.client_wire.held))
        for wire in (*self.wires.values(), *self._closing):
            if wire.stuck(now, WRITE_TIMEOUT):
                wire.abort()

    def drain(self) -> None:
        """The worker stops: answer what was asked, take nothing new."""
        self.event(Leave())

    def cut(self, farewell: bytes) -> None:
        """The right to be here has ended: nothing more passes, in either direction."""
        if self._cut:
            return
        self._cut = True
        for wire in list(self.wires.values()):
            if wire is not self.client_wire:
                wire.reset()
        if farewell and self.client_wire.connection.state & ConnectionState.CAN_WRITE:
            self.client_wire.transport.write(farewell)
            asyncio.get_running_loop().call_later(FAREWELL, self.client_wire.reset)
        else:
            self.client_wire.reset()

    def abort(self) -> None:
        """Close everything now."""
        self._cut = True
        for wire in (*self.wires.values(), *self._closing):
            wire.abort()

    def _close(self, connection: Connection) -> None:
        if (task := self._connects.pop(connection, None)) is not None:
            task.cancel()
        if self._cut or (wire := self.wires.pop(connection.id, None)) is None:
            return
        self._closing.add(wire)
        wire.close()
        if wire is self.client_wire:
            self._finish()
        else:
            self.regulate()

    def _finish(self) -> None:
        """Without a client nothing else has a purpose."""
        for task in list(self._connects.values()):
            task.cancel()
        for wire in list(self.wires.values()):
            wire.abort()
