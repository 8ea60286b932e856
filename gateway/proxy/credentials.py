"""Which credential a request carries. Pure: what it is worth, the hub knows.

One header decides alone: what `Authorization` says is never corrected by a cookie,
nor a cookie by the URL. The value itself goes no further than this module; all
others see its SHA-256, and the kind beside it, so that nothing can mix the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, NamedTuple
from urllib.parse import unquote_to_bytes

from gateway import clients
from gateway.proxy.site import SESSION_COOKIES
from gateway.routes import LONGEST_TOKEN, SECRET_MARK

_SESSION = re.compile(rb"[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(rb"[A-Za-z0-9._~+/=-]{8,%d}" % LONGEST_TOKEN)
_MARK = SECRET_MARK.encode()
_OURS = frozenset(name.lower() for name in SESSION_COOKIES)


class Credential(NamedTuple):
    """What the hub is asked about. A tuple, because it is looked up several times in each request."""

    kind: Literal["session", "token"]
    digest: str


@dataclass(frozen=True, slots=True)
class BadCredential:
    """Offered, and refused without asking: no such credential can exist."""

    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """All that a request carries. Only one of them counts; `gate.judged_by` says which."""

    explicit: Credential | BadCredential | None = None
    """Of `Authorization`, or of the URL where that is allowed."""
    session: Credential | None = None
    """Of the session cookie."""
    echo: bool = False
    """`explicit` has the form of a user server's own secret (`SECRET_MARK`)."""
    clear_cookies: bool = False
    """Two different session cookies came: neither counts, both should be cleared."""


NOTHING = Found()


def find(authorization: bytes | None, cookie: bytes | None, query: bytes, cookie_name: bytes) -> Found:
    """The credentials in these headers; repeated ones must have been joined, by `, ` and `; `.

    Pass `query` only where a token in the URL is believed, else b"".
    """
    session, clear_cookies = _session(cookie, cookie_name) if cookie else (None, False)
    value: bytes | None = None
    if authorization is not None:
        # Basic, Digest and the like are refused rather than passed on: a server
        # behind the gateway gets its own secret in this header, and a header that
        # means nothing here must not look as if it had been checked.
        scheme, _, value = authorization.strip().partition(b" ")
        value = value.strip()
        if scheme.lower() not in (b"token", b"bearer"):
            return Found(BadCredential("Authorization must be 'token …' or 'Bearer …'"), session, False, clear_cookies)
    elif query:
        # The cookie comes before the URL: a link must not change who somebody is.
        tokens = {raw for name, raw in arguments(query) if name == b"token"}
        if tokens and session is None:
            value = tokens.pop() if len(tokens) == 1 else b""
    if value is None:
        return Found(None, session, False, clear_cookies) if session or clear_cookies else NOTHING
    if not _TOKEN.fullmatch(value):
        return Found(BadCredential("this is not a token"), session, False, clear_cookies)
    return Found(Credential("token", sha256(value).hexdigest()), session, value.startswith(_MARK), clear_cookies)


def arguments(query: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The query's arguments, names and values decoded, in their order."""
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        yield _decoded(name), _decoded(value)


def cookies(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of a `Cookie` header. One without `=` is a value without a name."""
    for part in header.split(b";"):
        name, equals, value = part.partition(b"=")
        yield (name.strip(b" \t"), value.strip(b" \t")) if equals else (b"", name.strip(b" \t"))


def passed_cookies(header: bytes, client: str | None = "") -> bytes:
    """A `Cookie` header without the gateway's cookies, and without those of other clients than `client`.

    b"" when nothing is left. `client` None = the hub, which may see those of all clients.
    """
    lower = header.lower()
    if b"hubgate-session" not in lower and (client is None or b"jupyterhub-" not in lower):
        return header
    kept = (part.strip(b" \t") for part in header.split(b";") if not (_is_session(part) or _anothers(part, client)))
    return b"; ".join(filter(None, kept))


def without_token(query: bytes) -> bytes:
    """A query without its `token` arguments, however they are spelled."""
    return without_argument(query, b"token")


def without_argument(query: bytes, name: bytes) -> bytes:
    """A query without its arguments of that name, however they are spelled."""
    return b"&".join(part for part in query.split(b"&") if _decoded(part.partition(b"=")[0]) != name)


def _session(header: bytes, cookie_name: bytes) -> tuple[Credential | None, bool]:
    values = set()
    for part in header.split(b";"):
        if cookie_name in part:
            name, equals, value = part.partition(b"=")
            if equals and name.strip(b" \t") == cookie_name:
                values.add(value.strip(b" \t"))
    if len(values) != 1:
        return None, len(values) > 1
    value = values.pop()
    # Anything else was not made by the gateway, and is as good as no cookie.
    return (Credential("session", sha256(value).hexdigest()) if _SESSION.fullmatch(value) else None), False


def _is_session(part: bytes) -> bool:
    return b"=" in part and part.partition(b"=")[0].strip(b" \t").lower() in _OURS


def _anothers(part: bytes, client: str | None) -> bool:
    """Does this cookie belong to a client, and not to this one?"""
    if client is None:
        return False
    name = part.partition(b"=")[0].strip(b" \t").decode("latin-1")
    if not clients.of_some_client(name.lower()):
        return False
    return not client or not (name == clients.SESSION_ID or clients.owns_cookie(client, name))


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" ")) if b"%" in text or b"+" in text else text
