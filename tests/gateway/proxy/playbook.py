"""Conversations with a lane, without a socket: what each side sends goes in, what each gets comes out.

    talk = Talk(routes)
    talk.client(b"GET /user/alice/ HTTP/1.1 …")
    talk.upstream().expect(b"GET /user/alice/ HTTP/1.1 …")
    talk.upstream().send(b"HTTP/1.1 200 OK …")
    assert talk.answer() == b"HTTP/1.1 200 OK …"

Connects succeed at once, and known people are known, unless a test says otherwise.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from mitmproxy.connection import Client, Connection, ConnectionState, Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context

from gateway.channel.messages import Snapshot, Welcome
from gateway.hookspecs import Addon
from gateway.model import Identity
from gateway.pluginmanager import Policy
from gateway.proxy.accesslog import ended, line
from gateway.proxy.addons import fenced
from gateway.proxy.credentials import Credential
from gateway.proxy.desk import Desk
from gateway.proxy.exchange import Exchange, HubgateAskHook, Question
from gateway.proxy.lanes import Lane, Late, Leave
from gateway.proxy.matching import Matches
from gateway.proxy.mitm import Master
from gateway.proxy.policies import Policies
from gateway.proxy.replica import Replica
from gateway.proxy.site import Site
from gateway.proxy.steps import Breath, Breathed
from gateway.routes import Route
from tests.gateway.proxy.values import ALICE, HOST, HUB, ME, NOW, PEER, SITE, TOKEN, server

SECRET = "channel-secret"


class Book:
    """An access log that is kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, exchange: Exchange, now: float) -> None:
        self.lines.append(line(ended(exchange, now)))


class Upstream:
    """One upstream connection."""

    def __init__(self, talk: Talk, connection: Server) -> None:
        self.talk = talk
        self.connection = connection
        self.got = b""
        self.closed = False
        self.half_closed = False

    @property
    def address(self) -> tuple[str, int] | None:
        return self.connection.address

    def take(self) -> bytes:
        """What it got since the last call."""
        got, self.got = self.got, b""
        return got

    def send(self, data: bytes) -> None:
        self.talk.received(self.connection, data)

    def leave(self) -> None:
        """Its socket is closed altogether."""
        self.connection.state = ConnectionState.CLOSED
        self.talk.feed(events.ConnectionClosed(self.connection))

    def end(self) -> None:
        """It sends no more."""
        self.connection.state &= ~ConnectionState.CAN_READ
        self.talk.feed(events.ConnectionClosed(self.connection))


class Talk:
    def __init__(
        self,
        *routes: Route,
        site: Site = SITE,
        known: Sequence[Identity] = (ME,),
        addons: Sequence[Addon] = (),
        policies: Sequence[Policy] = (),
        connected: bool = True,
    ) -> None:
        self.now = NOW
        self.replica = Replica(3600)
        if connected:
            self.replica.welcome(Welcome("boot", 0, False, "", ""))
            self.replica.snapshot(Snapshot((*HUB_ROUTES, *(routes or (server("alice"), server("bob")))), last=True))
        for identity in known:
            self.replica.keep(Credential(identity.credential, identity.digest), identity, identity.revision, NOW)
        self.book = Book()
        self.desk = Desk(
            site,
            self.replica,
            lambda: self.now,
            SECRET,
            Matches(addons),
            self.book,  # type: ignore[arg-type]
            policies=Policies(policies),
        )
        self.client_connection = Client(
            peername=(PEER, 50000), sockname=("127.0.0.1", 8000), timestamp_start=NOW, state=ConnectionState.OPEN
        )
        self.lane = Lane(Context(self.client_connection, Master().options), self.desk)
        self.upstreams: list[Upstream] = []
        self.waiting: list[commands.Command] = []
        """Connects and questions that the test will answer."""
        self.hold: tuple[type[commands.Command], ...] = ()
        """Commands that are not answered at once."""
        self.on_ask: Callable[[Question], None] = _nobody
        self.connect_problem: str | None = None
        self.half_closed = self.closed = False
        """The client's connection, by the lane."""
        self.hooks: list[str] = []
        self._fences = fenced(addons)
        self._out = b""
        self.feed(events.Start())

    # ── what the test does ───────────────────────────────────────────────────

    def client(self, data: bytes) -> None:
        self.received(self.client_connection, data)

    def received(self, connection: Connection, data: bytes) -> None:
        """As `Handler.received`: an upgraded connection's bytes need no event."""
        pipe = self.lane.pipe
        if pipe is not None and connection is self.client_connection:
            pipe.from_client(data)
            self._sent(pipe.upstream, data)
        elif pipe is not None and connection is pipe.upstream:
            pipe.from_upstream(data)
            self._sent(self.client_connection, data)
        else:
            self.feed(events.DataReceived(connection, data))

    def client_ends(self) -> None:
        """It sends no more, but still reads."""
        self.client_connection.state &= ~ConnectionState.CAN_READ
        self.feed(events.ConnectionClosed(self.client_connection))

    def client_leaves(self) -> None:
        """Its socket is closed altogether."""
        self.client_connection.state = ConnectionState.CLOSED
        self.feed(events.ConnectionClosed(self.client_connection))

    def later(self, seconds: float, held: bool = False) -> None:
        """Time passes; the handler looks at the clock. `held`: it does not read from the client."""
        self.now += seconds
        if self.lane.deadline <= self.now:
            self.feed(Late(held))

    def leave(self) -> None:
        self.desk.draining = True
        self.feed(Leave())

    def upstream(self, number: int = -1) -> Upstream:
        return self.upstreams[number]

    def answer(self) -> bytes:
        """What the client got since the last call."""
        out, self._out = self._out, b""
        return out

    def connect(self, problem: str | None = None) -> None:
        """Complete a connect that was held back."""
        command = self.waiting.pop(0)
        assert isinstance(command, commands.OpenConnection)
        self._connected(command, problem)

    def answer_question(self) -> None:
        command = self.waiting.pop(0)
        assert isinstance(command, HubgateAskHook)
        self.on_ask(command.question)
        self.feed(events.HookCompleted(command))

    def completed(self, hook: commands.StartHook) -> None:
        """A hook that was held back has run."""
        self.feed(events.HookCompleted(hook))

    @property
    def question(self) -> Question:
        command = self.waiting[0]
        assert isinstance(command, HubgateAskHook)
        return command.question

    # ── how it is done ───────────────────────────────────────────────────────

    def feed(self, event: events.Event) -> None:
        later: list[commands.Command] = []
        for command in self.lane.handle_event(event):
            match command:
                case commands.SendData():
                    self._sent(command.connection, command.data)
                case commands.CloseTcpConnection() if command.half_close:
                    self._half_closed(command.connection)
                case commands.CloseConnection():
                    self._closed(command.connection)
                case commands.OpenConnection() | commands.StartHook() | Breath():
                    (self.waiting if isinstance(command, self.hold) else later).append(command)
                case _:
                    raise AssertionError(f"unexpected: {command}")
        for each in later:
            if isinstance(each, commands.OpenConnection):
                self._connected(each, self.connect_problem)
            elif isinstance(each, commands.StartHook):
                self._hook(each)
            elif isinstance(each, Breath):
                self.feed(Breathed(each))

    def _sent(self, connection: Connection, data: bytes) -> None:
        if connection is self.client_connection:
            assert not self.closed
            assert not self.half_closed, "data after the end of the stream"
            self._out += data
            return
        upstream = self._of(connection)
        assert not upstream.closed, "data for a closed upstream"
        assert not upstream.half_closed, "data after the end of the stream"
        upstream.got += data

    def _closed(self, connection: Connection) -> None:
        connection.state = ConnectionState.CLOSED
        if connection is self.client_connection:
            self.closed = True
        for upstream in self.upstreams:
            if upstream.connection is connection:
                upstream.closed = True

    def _half_closed(self, connection: Connection) -> None:
        if connection is self.client_connection:
            self.half_closed = True
        else:
            self._of(connection).half_closed = True

    def _connected(self, command: commands.OpenConnection, problem: str | None) -> None:
        if problem is None:
            command.connection.state = ConnectionState.OPEN
            self.upstreams.append(Upstream(self, command.connection))
        self.feed(events.OpenConnectionCompleted(command, problem))

    def _hook(self, hook: commands.StartHook) -> None:
        if isinstance(hook, HubgateAskHook):
            self.on_ask(hook.question)
        else:
            self.hooks.append(hook.name)
            for fence in self._fences:
                if found := getattr(fence, hook.name, None):
                    result: Any = found(*hook.args())
                    assert not inspect.isawaitable(result)
        if hook.blocking:
            self.feed(events.HookCompleted(hook))

    def _of(self, connection: Connection) -> Upstream:
        return next(upstream for upstream in self.upstreams if upstream.connection is connection)


HUB_ROUTES = tuple(Route(route.id, "hub", route.prefix, url="unix:/run/hub.sock") for route in HUB)


def _nobody(question: Question) -> None:
    raise AssertionError("nobody should be asked")


def get(
    path: str = "/user/alice/api", *lines: str, method: str = "GET", value: str = ALICE, body: bytes = b""
) -> bytes:
    """A request with the session cookie."""
    cookie = [f"Cookie: hubgate-session={value}"] if value else []
    return request(f"{method} {path}", *cookie, *lines, body=body)


def request(line: str, *lines: str, body: bytes = b"", version: str = "1.1") -> bytes:
    head = [f"{line} HTTP/{version}", f"Host: {HOST}", *lines]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def bearer(line: str, *lines: str, body: bytes = b"", version: str = "1.1") -> bytes:
    """A request with alice's token, to which source checks do not apply."""
    return request(line, f"Authorization: Bearer {TOKEN}", *lines, body=body, version=version)


def response(status: str = "200 OK", *lines: str, body: bytes = b"", length: bool = True) -> bytes:
    head = [f"HTTP/1.1 {status}", *lines]
    if length:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def fields(head: bytes) -> dict[str, str]:
    """The header fields of a message, by lower-case name."""
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, value in (re.split(r":\s*", line, maxsplit=1) for line in lines)}


def status(answer: bytes) -> int:
    return int(answer[9:12])
