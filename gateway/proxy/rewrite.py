"""What passes on: heads rewritten for the upstream, and back for the client. Pure.

First everything goes that concerns one connection only, that this gateway says itself, or
that somebody else could have said in its name. Then our own headers are added, so nothing
that a client sends can take them away.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from gateway.channel.messages import (
    CALLER_HEADER,
    CREDENTIAL_HEADER,
    PROXY_HEADER,
    SECRET_HEADER,
    UNBELIEVED_HEADER,
)
from gateway.proxy import viewing
from gateway.proxy.cookies import inside, kept_inside, prefix_path
from gateway.proxy.credentials import arguments, passed_cookies, without_argument, without_token
from gateway.proxy.facts import Facts, Head, Headers
from gateway.proxy.gate import Forward
from gateway.proxy.prefixes import relocated, stripped
from gateway.proxy.rights import Right
from gateway.routes import Route, Segments, escape

type Pairs = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization",
    b"te", b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings",
})  # fmt: skip
"""`TE` and `Trailer` go too, because trailers are not forwarded. `Expect: 100-continue` passes:
whoever takes the body says whether it may come."""

_SAID_BY_US = frozenset({
    b"host", b"content-length", b"authorization", b"x-request-id", b"forwarded", b"proxy",
    b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"x-scheme",
    b"x-original-url", b"x-original-host", b"x-rewrite-url",
})  # fmt: skip
_SAID_BY_US_PREFIXES = (b"x-hubgate", b"x-forwarded")

_OF_THE_WHOLE_ORIGIN = frozenset({
    b"clear-site-data", b"strict-transport-security", b"alt-svc", b"nel", b"report-to", b"public-key-pins",
})  # fmt: skip
"""What one server must not say for all others on the same origin."""


LONGEST_NAME = 128
"""A header with a longer name means nothing to anybody; caches by name stay small without it."""


_CALLER = CALLER_HEADER.encode()


class Fate(enum.Enum):
    """What becomes of a header, by its name alone."""

    PASSES = enum.auto()
    GOES = enum.auto()
    COOKIE = enum.auto()
    REFERER = enum.auto()
    SET_COOKIE = enum.auto()
    SERVICE_WORKER = enum.auto()
    LOCATION = enum.auto()


# ── to the upstream ──────────────────────────────────────────────────────────


def passed_lines(
    facts: Facts, headers: Headers, strip_token: bool, without: frozenset[bytes], client: str | None = ""
) -> bytes:
    """The client's own header lines, as far as they pass, each after a line break; see `passed_cookies`."""
    parts: list[bytes] = []
    nominated = _nominated(facts.fields.get(b"connection")) | without
    for name, value in headers:
        fate = _request_fate(name) if len(name) <= LONGEST_NAME else Fate.GOES
        if fate is Fate.GOES or (nominated and name.lower() in nominated):
            continue
        if fate is Fate.COOKIE:
            value = passed_cookies(value, client)  # noqa: PLW2901  # the same header, less ours
            if not value:
                continue
        elif fate is Fate.REFERER and strip_token:
            value = _target(value, strip_token)  # noqa: PLW2901
        parts += (b"\r\n", name, b": ", value)
    return b"".join(parts)


HIDING = frozenset({b"accept-encoding", b"range", b"if-range"})
"""Parts and compressed ones could hide the server's secret from `gateway.proxy.concealment`."""
LOGIN_COOKIE = b"username-"
"""How the names of Jupyter's log-in cookies begin."""

type Lines = Callable[[Facts, Headers, bool, frozenset[bytes], str | None], bytes]
"""`passed_lines`, or what gives the same."""


def request_head(
    facts: Facts,
    head: Head,
    forward: Forward,
    *,
    request_id: str,
    channel_secret: str = "",
    identity_token: str = "",
    without: frozenset[bytes] = frozenset(),
    lines: Lines = passed_lines,
) -> bytes:
    """The whole head for the upstream, blank line included, always HTTP/1.1.

    The body is framed as it came: by `Content-Length`, or in chunks when `facts.chunked`
    (the lane makes them anew). `Connection: Upgrade` is there when `forward.upgrade`.
    `without` are further headers that this lane cannot keep, in lower case.
    """
    route = forward.route
    strip_token = facts.token_in_url or route.auth != "none"
    hub = route.kind == "hub"
    target = _target(facts.target, strip_token)
    if forward.right == "view":
        target = unpacked(_target(viewing.target(facts, route, request_id), strip_token))
        without |= viewing.withheld(facts)
    elif forward.right == "part" and route.secret:
        target = unpacked(target)
        without |= HIDING
    return b"".join((
        head.method, b" ", stripped(target, route.prefix) if route.strip_prefix else target, b" HTTP/1.1\r\nHost: ",
        facts.fields[b"host"],
        lines(facts, head.headers, strip_token, without, None if hub else route.client),
        _framing(facts, forward.upgrade),
        _forwarding(facts.client, facts.scheme, facts.host),
        _trusted(facts, forward, channel_secret) if hub else _vouched(forward, identity_token),
        _shown_token(facts, forward) if route.client and forward.right == "full" else b"",
        b"\r\nX-Request-Id: ", request_id.encode("latin-1"), b"\r\n\r\n",
    ))  # fmt: skip


def unpacked(target: bytes) -> bytes:
    """A target that does not ask for a text in Base64, in which the server's secret could hide.

    Without `format` Jupyter gives as text whatever is one.
    """
    path, mark, query = target.partition(b"?")
    if not mark:
        return target
    query = without_argument(query, b"format")
    return path + mark + query if query else path


def _target(target: bytes, strip_token: bool) -> bytes:
    """A target or `Referer`, without a token in its query.

    A Jupyter server loses the argument in any case: it believes it before the header and the
    cookie, and nobody has judged it.
    """
    path, mark, query = target.partition(b"?")
    if not (strip_token and mark) or (b"token" not in query and b"%" not in query):
        return target
    query, hash_mark, fragment = query.partition(b"#")
    kept = without_token(query)
    return path + (mark + kept if kept else b"") + hash_mark + fragment


def _nominated(connection: bytes | None) -> frozenset[bytes]:
    if not connection:
        return frozenset()
    if len(connection) > 64:
        return _split_nominated(connection)
    return _cached_nominated(connection)


_NEVER_NOMINATED = HOP_BY_HOP | {b"close", b"", b"content-length"}
"""What goes anyway, and what a message cannot do without."""


def _split_nominated(connection: bytes) -> frozenset[bytes]:
    return frozenset(token.strip().lower() for token in connection.split(b",")) - _NEVER_NOMINATED


_cached_nominated = lru_cache(maxsize=256)(_split_nominated)


def _framing(facts: Facts, upgrade: bool) -> bytes:
    if upgrade:
        return b"\r\nConnection: Upgrade\r\nUpgrade: " + facts.upgrade.encode("latin-1")
    if facts.chunked:
        return b"\r\nTransfer-Encoding: chunked"
    return b"" if facts.content_length is None else b"\r\nContent-Length: %d" % facts.content_length


@lru_cache(maxsize=4096)
def _forwarding(client: str, scheme: str, host: str) -> bytes:
    return f"\r\nX-Forwarded-For: {client}\r\nX-Forwarded-Proto: {scheme}\r\nX-Forwarded-Host: {host}".encode("latin-1")


def _trusted(facts: Facts, forward: Forward, channel_secret: str) -> bytes:
    """For the hub: the proof that this comes from a worker, what the client showed, what a trusted proxy says."""
    lines = f"\r\n{SECRET_HEADER}: {channel_secret}"
    if credential := forward.credential:
        lines += f"\r\n{CREDENTIAL_HEADER}: {credential.kind} {credential.digest}"
    if facts.by_proxy:
        lines += f"\r\n{PROXY_HEADER}: trusted"
    if facts.unbelieved:
        lines += f"\r\n{UNBELIEVED_HEADER}: {facts.unbelieved}"
    said = (b"\r\n%s: %s" % (name.encode(), value) for name, value in facts.vouched.items())
    return lines.encode("latin-1") + b"".join(said)


def _shown_token(facts: Facts, forward: Forward) -> bytes:
    """For who asks the hub who comes: the token by which the gate has let this request through, and no other."""
    if not forward.credential or forward.credential.kind != "token":
        return b""
    said = facts.fields.get(b"authorization")
    if said is None:
        said = b"token " + next(value for name, value in arguments(facts.query) if name == b"token")
    return b"\r\nAuthorization: " + said


def _vouched(forward: Forward, identity_token: str) -> bytes:
    """For all others: the server's own secret, and who stands behind the request."""
    route, identity = forward.route, forward.identity
    return _voucher(
        route.prefix,
        route.secret if route.auth == "token" else "",
        identity.name if identity and identity.kind == "user" else "",
        identity_token,
    )


@lru_cache(maxsize=4096)
def _voucher(prefix: Segments, secret: str, user: str, identity_token: str) -> bytes:
    lines = f"\r\nX-Forwarded-Prefix: {prefix_path(prefix)[:-1]}"
    if secret:
        lines += f"\r\nAuthorization: token {secret}"
    if user:
        lines += f"\r\nX-Hubgate-User: {escape(user)}"
    if identity_token:
        lines += f"\r\nX-Hubgate-Identity: {identity_token}"
    return lines.encode("latin-1")


# ── to the client ────────────────────────────────────────────────────────────


def response_headers(
    status: int, headers: Iterable[tuple[bytes, bytes]], route: Route, host: str = "", right: Right = "full"
) -> Pairs:
    """The headers for the client, without framing except `Content-Length`, which stays.

    `host` is the public one, as `Location`s of servers that do not know their prefix may say it.
    With 101, `Connection: Upgrade` and `Upgrade` are there. The hub's own headers pass
    unfiltered, hop-by-hop ones excepted; all others speak for their own prefix only.
    """
    headers = tuple(headers)
    nominated: frozenset[bytes] = frozenset()
    for name, value in headers:
        if name.lower() == b"connection":
            nominated |= _nominated(value)
    fate_of = _hub_fate if route.kind == "hub" else _response_fate
    kept: Pairs = []
    for name, value in headers:
        fate = fate_of(name) if len(name) <= LONGEST_NAME else Fate.GOES
        if fate is Fate.GOES or (nominated and name.lower() in nominated):
            if status == 101 and name.lower() == b"upgrade":
                kept += ((b"Connection", b"Upgrade"), (name, value))
        elif fate is Fate.SET_COOKIE:
            if (cookie := _cookie(value, route, right)) is not None:
                kept.append((name, cookie))
        elif fate is Fate.LOCATION:
            kept.append((name, _location(value, route, host)))
        elif fate is Fate.PASSES or _covers_only(value, route.prefix):
            kept.append((name, value))
    return kept


def _cookie(value: bytes, route: Route, right: Right) -> bytes | None:
    """A `Set-Cookie` as it passes. Jupyter sets one that logs in, which opens more than some guests may see."""
    if right == "view" or (right == "part" and value.lstrip().lower().startswith(LOGIN_COOKIE)):
        return None
    return kept_inside(value, route.prefix, route.strip_prefix, route.client)


def _location(value: bytes, route: Route, host: str) -> bytes:
    if not route.strip_prefix:
        return value
    return relocated(value, route.prefix, (host.lower(), urlsplit(route.url).netloc))


def _covers_only(scope: bytes, prefix: Segments) -> bool:
    """May a service worker have this scope? Within the prefix, which ends with a slash."""
    path = scope.decode("latin-1").strip()
    return inside(path, prefix) and path.count("/") > len(prefix) and not path.startswith("//")


def caller(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Who called, by the hub's own word; "" where it says nothing."""
    said = (value for name, value in headers if name.lower() == _CALLER)
    return unquote(next(said, b"").decode("latin-1"))


# ── by name ──────────────────────────────────────────────────────────────────


@lru_cache(maxsize=2048)
def _request_fate(name: bytes) -> Fate:
    # `_` counts as `-`: for many servers `X_Hubgate_User` is the same header.
    plain = name.lower().replace(b"_", b"-")
    if plain in HOP_BY_HOP or plain in _SAID_BY_US or plain.startswith(_SAID_BY_US_PREFIXES):
        return Fate.GOES
    return {b"cookie": Fate.COOKIE, b"referer": Fate.REFERER}.get(plain, Fate.PASSES)


@lru_cache(maxsize=2048)
def _hub_fate(name: bytes) -> Fate:
    return Fate.GOES if name.lower() in HOP_BY_HOP or name.lower() == _CALLER else Fate.PASSES


def passes_as_it_is(name: bytes) -> bool:
    """Is this header of a response, whatever it says, nobody's business but the client's?"""
    return len(name) <= LONGEST_NAME and _response_fate(name) is Fate.PASSES and name.lower() != b"content-length"


_SPECIAL = {
    b"set-cookie": Fate.SET_COOKIE,
    b"service-worker-allowed": Fate.SERVICE_WORKER,
    b"location": Fate.LOCATION,
    b"content-location": Fate.LOCATION,
}


@lru_cache(maxsize=2048)
def _response_fate(name: bytes) -> Fate:
    plain = name.lower().replace(b"_", b"-")
    if plain in HOP_BY_HOP or plain in _OF_THE_WHOLE_ORIGIN or plain.startswith(b"x-hubgate"):
        return Fate.GOES
    return _SPECIAL.get(plain, Fate.PASSES)
