"""Plain http where https is spoken: one request, one redirect to the same path, and the connection is closed.

Nothing else is served here, and no cookie is read. Where it leads is built of our own names alone:
a `Host` that is not ours gets 421.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import cast

from gateway.proxy import answers, facts, http1
from gateway.proxy.facts import Refuse
from gateway.proxy.site import Site, host_name

PERMANENT = 308
"""The same method again; a 301 would make a GET of a POST."""
LONGEST = 16384
"""Bytes of a head that is read."""
OPEN = 512
"""Connections at a time; whoever comes then takes the place of the oldest."""
PATIENCE = 10.0
"""Seconds from the connection's beginning to its end."""


def answer(head: bytes, site: Site, port: int) -> bytes | None:
    """What is sent for `head`; None while it is incomplete. https is spoken at `port`, or in front of us. Pure."""
    request_id = secrets.token_hex(8)
    try:
        request = http1.next_request(bytearray(head), LONGEST)
    except http1.Malformed as bad:
        refused = Refuse(bad.status, bad.message, "http")
        return bytes(answers.refusal(refused, request_id=request_id, navigation=False, close=True))
    if request is None:
        return None
    place = _place(request.head, site, port)
    method = request.head.method.decode("latin-1")
    if isinstance(place, Refuse):
        page = facts.navigation(request.head)
        return bytes(answers.refusal(place, request_id=request_id, navigation=page, method=method, close=True))
    return bytes(answers.redirection(place, PERMANENT, request_id=request_id, method=method, close=True))


def _place(head: facts.Head, site: Site, port: int) -> str | Refuse:
    hosts = [value for name, value in head.headers if name.lower() == b"host"]
    if len(hosts) != 1:
        return Refuse(400, "One header Host is needed.", "host")
    host = hosts[0].decode("latin-1").lower()
    if not site.named(host):
        return facts.NOT_OURS
    target = facts.origin_form(head.target, hosts[0])
    if isinstance(target, Refuse):
        return target
    origin = site.public_origin or site.origin("https", f"{host_name(host)}:{port}")
    return origin + target.decode("ascii")


class Redirects:
    """All such connections of a worker."""

    def __init__(self, site: Callable[[], Site], port: int) -> None:
        self.site = site
        self.port = port
        self.open: dict[Redirector, None] = {}
        """The oldest first."""

    def __call__(self) -> Redirector:
        return Redirector(self)


class Redirector(asyncio.Protocol):
    """One connection."""

    def __init__(self, redirects: Redirects) -> None:
        self._redirects = redirects
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._end = asyncio.get_running_loop().call_later(PATIENCE, self._transport.abort)
        self._redirects.open[self] = None
        if len(self._redirects.open) > OPEN:
            next(iter(self._redirects.open)).abort()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._head += data
        if (said := answer(self._head, self._redirects.site(), self._redirects.port)) is not None:
            self._transport.write(said)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._end.cancel()
        self._redirects.open.pop(self, None)

    def abort(self) -> None:
        self._redirects.open.pop(self, None)
        self._transport.abort()
