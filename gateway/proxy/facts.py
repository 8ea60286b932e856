"""What a request says of itself, checked for shape. Pure.

`read` turns a parsed head into `Facts`, or into the `Refuse` that it deserves
before anybody asks who sent it. Both lanes call it, each on its own parse, so it
believes no parser: what one lets through, this refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from gateway.proxy.credentials import Found, find
from gateway.proxy.site import Site
from gateway.routes import Segments, split
from gateway.targets import address

type Headers = tuple[tuple[bytes, bytes], ...]

_METHOD = re.compile(rb"[A-Z][A-Z0-9_-]{0,30}")
_TARGET = re.compile(rb'[^\x00-\x20"#<>\x7f]+')
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?]*)(.*)")
_FORBIDDEN_METHODS = (b"CONNECT", b"TRACE", b"TRACK")
_SINGLE = (b"host", b"content-length", b"transfer-encoding", b"upgrade", b"expect")
"""Headers that must not come twice."""
_CHOOSING = 3
"""So many segments after the base path choose the route: `user`, a name, a server."""
_CACHED_PATH = 512
"""Longer paths are split anew each time, so that the cache stays small."""


_NOTHING: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Head:
    """A request's head as it was parsed; names and values as sent, in their order."""

    method: bytes
    target: bytes
    version: bytes
    """`1.0` or `1.1`."""
    headers: Headers


@dataclass(frozen=True, slots=True)
class Link:
    """Where the person who reads an answer can go next. `url` is a path of ours."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """An answer of the gate's own. `gateway.proxy.answers` puts it in words and bytes."""

    status: int
    message: str
    """One sentence, for whoever sent the request."""
    reason: str = ""
    """One word for the log."""
    hint: str = ""
    """What to do, for a program; a page shows `links` instead."""
    retry_after: int | None = None
    links: tuple[Link, ...] = ()
    bearer: bool = False
    """A 401 that names the scheme: only below `{base}api`."""


NOT_OURS = Refuse(421, "This gateway does not answer to that name; [gateway] allowed_hosts lists more names.", "host")


class Facts(NamedTuple):
    """What is known of a request before anybody asks who sent it.

    A tuple, because one is made for each request and a frozen dataclass takes thrice as long.
    """

    method: str
    target: bytes
    """In origin form: path and query exactly as sent."""
    path: str
    """Raw, latin-1; without the query."""
    query: bytes
    """Raw, without `?`."""
    segments: Segments
    """Decoded, base path included; see `gateway.routes.split`."""
    host: str
    """The public `Host`, as sent by the client or by a trusted peer for it; one of ours."""
    scheme: str
    origin: str
    """The public origin of this request."""
    client: str
    """The client's address; see `trusted_proxies`."""
    navigation: bool
    """Somebody waits for a page."""
    upgrade: str
    """The protocol asked for by a proper upgrade, lower case; else ""."""
    chunked: bool
    content_length: int | None
    found: Found
    token_in_url: bool
    """A `token` in the query is ours, and nobody else's business."""
    fields: Mapping[bytes, bytes]
    """Headers by lower-case name; repeated ones joined, `Cookie` by `; `, others by `, `."""
    by_proxy: bool = False
    """The peer is trusted: what it says of the client counts."""
    vouched: Mapping[str, bytes] = _NOTHING
    """Who the client is, by such a peer's word: its headers of `Site.proxy_headers`."""
    unbelieved: str = ""
    """The first of those headers that a peer without trust sent."""

    @property
    def clear_cookies(self) -> bool:
        return self.found.clear_cookies


def read(head: Head, peer: str, site: Site, secure: bool) -> Facts | Refuse:
    """The facts of a request that came from `peer`, over TLS if `secure`."""
    fields, repeated = _fields(head.headers)
    if _broken(fields):
        return _bad("A header is malformed.", "header")
    if refused := _refused_head(head, fields, repeated):
        return refused
    believed = site.trusts(peer)
    said = [name for name in site.proxy_headers if name in fields]
    if believed and not repeated.isdisjoint(said):
        return _bad("A header that names a person came twice.", "repeated")
    host = _host(fields, believed)
    if isinstance(host, Refuse):
        return host
    if not site.ours(host.lower()):
        return NOT_OURS
    target = origin_form(head.target, fields[b"host"])
    if isinstance(target, Refuse):
        return target
    place = _place(target, site)
    if isinstance(place, Refuse):
        return place
    path, query, segments, in_url = place
    framing = _framing(head, fields, site)
    if isinstance(framing, Refuse):
        return framing
    chunked, length = framing
    upgrade = _upgrade(fields) if head.version == b"1.1" else ""
    if upgrade and (chunked or length):
        # Parsers stop before such a body, and what follows would be read as frames or requests.
        return _bad("A request for an upgrade must not have a body.", "upgrade-body")
    scheme = _scheme(fields, believed, secure)
    origin = site.origin(scheme, host.lower())
    return Facts(
        method=head.method.decode("latin-1"),
        target=target,
        path=path,
        query=query,
        segments=segments,
        host=host,
        scheme=origin.partition(":")[0],
        origin=origin,
        client=_client(fields, peer, site) if believed else peer,
        navigation=_navigation(head.method, fields),
        upgrade=upgrade,
        chunked=chunked,
        content_length=length,
        found=find(fields.get(b"authorization"), fields.get(b"cookie"), in_url, site.cookie),
        token_in_url=bool(in_url),
        fields=fields,
        by_proxy=believed,
        vouched={name.decode(): fields[name] for name in said} if said and believed else _NOTHING,
        unbelieved=said[0].decode() if said and not believed else "",
    )


def elsewhere(facts: Facts, target: bytes, site: Site) -> Facts | Refuse | None:
    """As `read`, for the same head with another target in origin form; None when more depends on the target."""
    if facts.token_in_url or not target.startswith(b"/"):
        return None
    place = _place(target, site)
    if isinstance(place, Refuse):
        return place
    path, query, segments, in_url = place
    return None if in_url else facts._replace(target=target, path=path, query=query, segments=segments)


def navigation(head: Head) -> bool:
    """Does somebody wait for a page? For answers to a head that `read` refused."""
    return _navigation(head.method, _fields(head.headers)[0])


def _bad(message: str, reason: str) -> Refuse:
    return Refuse(400, message, reason)


def _fields(headers: Headers) -> tuple[dict[bytes, bytes], set[bytes]]:
    fields: dict[bytes, bytes] = {}
    repeated: set[bytes] = set()
    for sent, value in headers:
        name = sent.lower()
        if name not in fields:
            fields[name] = value
        else:
            repeated.add(name)
            fields[name] += (b"; " if name == b"cookie" else b", ") + value
    return fields, repeated


def _broken(fields: Mapping[bytes, bytes]) -> bool:
    """Could a header become two of them, or another one, when it is written again?"""
    names, values = b"".join(fields), b"".join(fields.values())
    return (
        (b"\n" in values or b"\r" in values or b"\0" in values)
        or (b"\n" in names or b"\r" in names or b"\0" in names or b":" in names or b" " in names)
        or b"" in fields
    )


def _refused_head(head: Head, fields: Mapping[bytes, bytes], repeated: set[bytes]) -> Refuse | None:
    if head.version not in (b"1.1", b"1.0"):
        return Refuse(505, "This gateway speaks HTTP/1.1.", "version")
    if head.method in _FORBIDDEN_METHODS:
        return Refuse(405, "This method is not forwarded.", "method")
    if not _METHOD.fullmatch(head.method):
        return _bad("The method is not one.", "method")
    if repeated:
        for name in _SINGLE:
            if name in repeated:
                return _bad(f"The header {name.decode()} came twice.", "repeated")
    if b"host" not in fields:
        return _bad("The header Host is missing.", "host-missing")
    if (expect := fields.get(b"expect")) is not None and expect.lower() != b"100-continue":
        return Refuse(417, "Only 'Expect: 100-continue' is understood.", "expect")
    return None


def _host(fields: Mapping[bytes, bytes], believed: bool) -> str | Refuse:
    """The public host. A chain of proxies appends: the last value is the trusted peer's own."""
    host = fields[b"host"]
    if believed and (forwarded := fields.get(b"x-forwarded-host")):
        host = forwarded.rpartition(b",")[2].strip()
    if not _HOST.fullmatch(host):
        return _bad("The header Host is malformed.", "host")
    return host.decode("ascii")


def origin_form(target: bytes, host: bytes) -> bytes | Refuse:
    """Path and query as sent."""
    if not _TARGET.fullmatch(target):
        return _bad("The target holds characters that must be percent-encoded.", "target")
    if target.startswith(b"/"):
        return target
    if found := _ABSOLUTE.fullmatch(target):
        authority, rest = found.groups()
        if authority.lower() != host.lower():
            return _bad("The target names another host than the header Host.", "authority")
        return rest if rest.startswith(b"/") else b"/" + rest
    return _bad("The target must be a path.", "target")


def _place(target: bytes, site: Site) -> tuple[str, bytes, Segments, bytes] | Refuse:
    """Path, query and segments of a target, and the query again where it may hold a token that counts."""
    raw_path, _, query = target.partition(b"?")
    path = raw_path.decode("latin-1")
    segments = (_segments if len(path) <= _CACHED_PATH else _split)(path, len(site.base) + _CHOOSING)
    if isinstance(segments, Refuse):
        return segments
    in_url = query if site.token_in_url and segments[len(site.base) : len(site.base) + 1] == ("user",) else b""
    return path, query, segments, in_url


def _framing(head: Head, fields: Mapping[bytes, bytes], site: Site) -> tuple[bool, int | None] | Refuse:
    """(chunked, length) of the body."""
    encoding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    if encoding is not None:
        if encoding.lower() != b"chunked" or head.version == b"1.0" or length is not None:
            return _bad("The body's framing is ambiguous.", "framing")
        return True, None
    if length is None:
        return False, None
    if not (length.isdigit() and len(length) <= 18):
        return _bad("The header Content-Length is malformed.", "framing")
    if site.max_body and int(length) > site.max_body:
        return Refuse(413, f"The body is larger than {site.max_body} bytes.", "body-size")
    return False, int(length)


def _upgrade(fields: Mapping[bytes, bytes]) -> str:
    protocol = fields.get(b"upgrade")
    if not protocol or b"upgrade" not in _tokens(fields.get(b"connection", b"")):
        return ""
    return protocol.strip().lower().decode("latin-1")


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip().lower() for token in value.split(b",")]


def _scheme(fields: Mapping[bytes, bytes], believed: bool, secure: bool) -> str:
    if believed and (forwarded := fields.get(b"x-forwarded-proto")):
        said = forwarded.rpartition(b",")[2].strip().lower()
        if said in (b"https", b"http"):
            return said.decode()
    return "https" if secure else "http"


def _client(fields: Mapping[bytes, bytes], peer: str, site: Site) -> str:
    """The rightmost address of the chain that no trusted proxy answers for."""
    client = peer
    for entry in reversed(fields.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
        found = address(_bare(entry.strip()))
        if found is None:
            break
        client = str(found)
        if not site.trusts(client):
            break
    return client


def _bare(entry: str) -> str:
    """An address without brackets and port: `[::1]:80`, `10.0.0.1:80`."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def _navigation(method: bytes, fields: Mapping[bytes, bytes]) -> bool:
    if method not in (b"GET", b"HEAD"):
        return False
    if (mode := fields.get(b"sec-fetch-mode")) is not None:
        return mode == b"navigate"
    return b"text/html" in fields.get(b"accept", b"")


# ── the path ─────────────────────────────────────────────────────────────────


def _split(path: str, choosing: int) -> Segments | Refuse:
    """Cut and decode a raw path, or say why nobody should.

    The first `choosing` segments lead to a route, so they must mean the same to
    every reader; what lies deeper belongs to the server, except steps upwards.
    """
    if path.startswith("//"):
        return _bad("The path must not begin with '//'.", "path")
    if "\\" in path:
        return _bad("The path must not contain a backslash.", "path")
    if "/." not in path and "%" not in path and ";" not in path and path.isascii():
        return split(path)
    raw_segments = path[1:].split("/")
    for number, raw in enumerate(raw_segments):
        once = unquote_to_bytes(raw.encode("latin-1"))
        twice = unquote_to_bytes(once)
        if any(_steps(part) for part in (once, twice)):
            return _bad("The path must not contain the segments '.' or '..'.", "path")
        if number < choosing and not (_plain(once) and _plain(twice)):
            return _bad("The path's first segments must be UTF-8 without '/', '\\', ';' or control characters.", "path")
    return split(path)


_segments = lru_cache(maxsize=4096)(_split)


def _steps(part: bytes) -> bool:
    return b"." in part and any(step in (b".", b"..") for step in part.replace(b"\\", b"/").split(b"/"))


def _plain(part: bytes) -> bool:
    """May this choose a route? UTF-8, and nothing that a server could read as a separator."""
    try:
        text = part.decode()
    except UnicodeDecodeError:
        return False
    return not any(char in "/\\;\x7f" or char < " " or "\x80" <= char <= "\x9f" for char in text)
