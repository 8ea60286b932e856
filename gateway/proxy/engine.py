"""mitmproxy's HTTP layer as the flow lane uses it: fed with one clean request at a time, watched, and kept in bounds.

One engine belongs to one route and generation, because mitmproxy keeps upstream
connections by address only. Its commands pass through here on their way out.
"""

from __future__ import annotations

from collections.abc import Callable

from mitmproxy.connection import Connection, ConnectionState, Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands, events, layers
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HTTPMode
from mitmproxy.proxy.layers.http._hooks import HttpRequestHeadersHook, HttpResponseHeadersHook
from mitmproxy.proxy.layers.websocket import WebsocketMessageHook
from mitmproxy.websocket import WebSocketMessage

from gateway.proxy.addons import METADATA
from gateway.proxy.passing import unreachable
from gateway.proxy.steps import Steps

QUEUED = 65536
"""Bytes that may wait in mitmproxy while a hook or a connect takes its time; then nothing more is read."""


class Engine:
    def __init__(self, context: Context, key: tuple[str, int], address: tuple[str, int]) -> None:
        self.key = key
        self._address = address
        self._context = context.fork()
        self._client = context.client
        self._layer = layers.HttpLayer(self._context, HTTPMode.transparent)
        self.servers: set[Connection] = set()
        """Its open upstream connections."""
        self.names: tuple[str, ...] = ()
        """The addons that get the flow in hand."""
        self.flow: HTTPFlow | None = None
        self.last_word: Callable[[WebSocketMessage], None] | None = None
        """What is said of each WebSocket message after all addons, before it is sent on."""
        self.closed_client = False
        """It would like the client's connection to be closed."""
        self.worn = False
        """One of its upstream connections was closed: make another engine for the next request."""
        self._started = False
        self._pending = 0
        self._queued = 0

    @property
    def busy(self) -> bool:
        """Is the flow in hand not finished?"""
        return bool(self._layer.streams)

    @property
    def waits(self) -> bool:
        """Does a hook or a connect hold it up?"""
        return self._pending > 0

    @property
    def choked(self) -> bool:
        """Does more wait for a hook or a connect than should?"""
        return self._pending > 0 and self._queued > QUEUED

    def begin(self, names: tuple[str, ...], head: bytes) -> Steps[None]:
        """A new request, as its upstream will see it."""
        if not self._started:
            self._started = True
            yield from self._run(events.Start())
        self.names, self.flow, self.last_word = names, None, None
        self._context.server = Server(address=self._address)
        yield from self.data(self._client, head)

    def data(self, connection: Connection, data: bytes) -> Steps[None]:
        if self._pending:
            self._queued += len(data)
        yield from self._run(events.DataReceived(connection, data))

    def closed(self, connection: Connection) -> Steps[None]:
        """`connection` ended; mitmproxy is told, and its socket closed."""
        connection.state = ConnectionState.CLOSED
        yield from self._run(events.ConnectionClosed(connection))
        yield from self.shut(connection)

    def shut(self, connection: Connection) -> Steps[None]:
        """Close an upstream connection without telling mitmproxy, which makes a new one when it needs one."""
        self.worn = True
        self.servers.discard(connection)
        yield commands.CloseConnection(connection)
        connection.state = ConnectionState.CLOSED

    def completed(self, event: events.CommandCompleted) -> Steps[None]:
        """A hook has run, or a connect has ended."""
        command = event.command
        if isinstance(command, commands.OpenConnection):
            self._pending -= 1
            if event.reply is not None or not command.connection.connected:
                raise unreachable(event.reply)
        elif isinstance(command, commands.StartHook):
            self._pending -= 1
            self._after(command)
        yield from self._run(event)
        if not self._pending:
            self._queued = 0  # not before: one hook follows the other while mitmproxy works off what waits

    def injected(self, event: events.Event) -> Steps[None]:
        yield from self._run(event)

    def _run(self, event: events.Event) -> Steps[None]:
        for command in self._layer.handle_event(event):
            match command:
                case commands.StartHook():
                    self._pending += bool(command.blocking)
                    self._before(command)
                case commands.OpenConnection():
                    self._pending += 1
                    self.servers.add(command.connection)
                case commands.CloseConnection() if command.connection is self._client:
                    self.closed_client = True
                    continue
                case commands.CloseConnection():
                    self.servers.discard(command.connection)
                    self.worn = True
                case commands.Log():
                    continue
            yield command

    def _before(self, hook: commands.StartHook) -> None:
        match hook:
            case HttpRequestHeadersHook(flow):
                self.flow = flow
                flow.metadata[METADATA] = list(self.names)
                flow.request.stream = True
            case HttpResponseHeadersHook(flow) if flow.response is not None:
                flow.response.stream = True

    def _after(self, hook: commands.StartHook) -> None:
        match hook:
            case HttpRequestHeadersHook(flow) if flow.response is not None:
                flow.request.stream = False  # mitmproxy cannot do both
            case WebsocketMessageHook(flow) if flow.websocket is not None:
                if self.last_word is not None:
                    self.last_word(flow.websocket.messages[-1])
                flow.websocket.messages.clear()
