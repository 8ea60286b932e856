"""What passes on: heads rewritten for the upstream, and back for the client. Pure."""
from __future__ import annotations
from gateway.proxy.facts import Facts, Head
from gateway.proxy.gate import Forward
from gateway.proxy.site import Site
from gateway.routes import Route

type HeaderList = list[tuple[bytes, bytes]]


def request_head(facts: Facts, head: Head, forward: Forward, *, request_id: str, channel_secret: str = "", identity_token: str = "") -> bytes:
    """The complete head for the upstream, blank line included. Framing is as the client's: `Content-Length` kept, or `Transfer-Encoding: chunked` when `facts.chunked` (the lane chunks again); `Connection: Upgrade` only when `forward.upgrade`."""
    ...

def response_headers(status: int, headers: HeaderList, route: Route, site: Site) -> HeaderList:
    """Headers for the client: without hop-by-hop ones and `Transfer-Encoding` (the lane adds its own framing; `Content-Length` stays). For 101, `Connection: Upgrade` and `Upgrade` are there."""
    ...

def trailers(headers: HeaderList) -> HeaderList: ...
