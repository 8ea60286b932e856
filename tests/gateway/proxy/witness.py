"""A server of alice's that reads with another parser than the gateway's: h11, which is strict.

It keeps each whole request and answers it. Bytes that are no request, or that no
server should have to interpret, make the test fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from tests.gateway.proxy.playbook import Talk, Upstream, response

_HEAD = re.compile(
    rb"[A-Z-]+ /[!-~]* HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*\r\n)+\r\n", re.DOTALL
)
"""What every server reads alike: no fold, no bare line end, one space."""


@dataclass
class Seen:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    whole: bool = False

    def values(self, name: str) -> list[str]:
        return [value for said, value in self.headers if said == name]


@dataclass
class Witness:
    talk: Talk
    answer: Callable[[Seen], bytes] = lambda _: response(body=b"x")
    seen: list[Seen] = field(default_factory=list)
    _parsers: dict[Upstream, h11.Connection] = field(default_factory=dict)

    @property
    def whole(self) -> list[Seen]:
        return [each for each in self.seen if each.whole]

    def send(self, *parts: bytes) -> None:
        """The client sends this, part by part, and the server answers in between."""
        for part in parts:
            self.talk.client(part)
            self.look()

    def look(self) -> None:
        while any(self._read(upstream) for upstream in list(self.talk.upstreams)):
            pass

    def _read(self, upstream: Upstream) -> bool:
        parser = self._parsers.setdefault(upstream, h11.Connection(h11.SERVER))
        if not (data := upstream.take()):
            return False
        parser.receive_data(data)
        while (event := parser.next_event()) is not h11.NEED_DATA:
            match event:
                case h11.Request():
                    self._begun(event, data)
                case h11.Data():
                    self.seen[-1].body += bytes(event.data)
                case h11.EndOfMessage():
                    assert not event.headers, "trailers"
                    self._answered(upstream, parser)
                    if upstream.closed:
                        break
                case _:
                    raise AssertionError(event)
        return True

    def _begun(self, event: h11.Request, data: bytes) -> None:
        assert _HEAD.match(data), data
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        made = Seen(event.method.decode(), event.target.decode("latin-1"), headers)
        for name in ("host", "content-length", "transfer-encoding", "x-request-id", "authorization"):
            assert len(made.values(name)) <= 1, made
        assert not (made.values("content-length") and made.values("transfer-encoding")), made
        self.seen.append(made)

    def _answered(self, upstream: Upstream, parser: h11.Connection) -> None:
        self.seen[-1].whole = True
        parser.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
        parser.send(h11.EndOfMessage())
        assert parser.trailing_data[0] == b"", "more than one request was sent"
        parser.start_next_cycle()
        upstream.send(self.answer(self.seen[-1]))
