"""What a guest who may only look on can ask of a Jupyter server: a list, and nothing beside it. Pure.

A method says little: `GET /terminals/new` has made terminals, `nbconvert` runs programs,
`/proxy/` leads anywhere. So paths are listed, those that JupyterLab needs to show notebooks,
files and running output. What a message on a kernel's WebSocket may say is in
`gateway.proxy.onlooker`.
"""

from __future__ import annotations

from typing import Literal

from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.handshake import is_websocket_13
from gateway.proxy.rights import below
from gateway.routes import Route, Segments

PAGES = """
/
lab
lab/
lab/tree/**
lab/workspaces/**
doc
doc/tree/**
tree/**
notebooks/**
files/**
custom/custom.css
favicon.ico
logo
static/**
lab/extensions/**
lab/api/listings/**
lab/api/settings/**
lab/api/themes/**
lab/api/translations/**
lab/api/workspaces/**
kernelspecs/*/**
api
api/
api/contents/**
api/kernels
api/kernels/*
api/kernelspecs/**
api/me
api/sessions/**
api/status
"""
"""Asked by GET or HEAD. `*` is one segment, `**` any number of them."""

type Socket = Literal["kernel", "events"]

SOCKETS: dict[Segments, Socket] = {
    ("api", "kernels", "*", "channels"): "kernel",
    ("api", "events", "subscribe"): "events",
}

KEPT = frozenset({
    b"accept", b"accept-language", b"cache-control", b"if-modified-since", b"if-none-match", b"origin", b"pragma",
    b"referer", b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"sec-websocket-key",
    b"sec-websocket-protocol", b"sec-websocket-version", b"user-agent", b"x-requested-with",
})  # fmt: skip
"""Headers of such a guest that pass: no cookie, nothing that stands for another method, no compression or range,
in which the server's secret could hide."""

WORD = "view-only"
CHANGES = Refuse(403, "This server is shared with you for viewing only: nothing on it can be changed.", WORD)
NOT_SHOWN = Refuse(403, "This server is shared with you for viewing only, and this is not among what is shown.", WORD)
NO_SOCKET = Refuse(403, "This server is shared with you for viewing only: this connection could change it.", WORD)


def refused(facts: Facts, route: Route, *, upgrade: bool) -> Refuse | None:
    """Why not; None if it may pass. `upgrade`: the gate would pass the request's upgrade on."""
    if facts.method not in ("GET", "HEAD") or facts.chunked or facts.content_length:
        return CHANGES
    asked = below(facts.path, len(route.prefix))
    if facts.upgrade:
        fit = upgrade and facts.method == "GET" and is_websocket_13(facts)
        return None if fit and asked is not None and _socket(asked) else NO_SOCKET
    return None if asked is not None and any(_fits(asked, page) for page in _LISTED) else NOT_SHOWN


def socket(facts: Facts, route: Route) -> Socket | None:
    """Which WebSocket it is that `refused` let pass."""
    asked = below(facts.path, len(route.prefix))
    return None if asked is None else _socket(asked)


def withheld(facts: Facts) -> frozenset[bytes]:
    """The headers that do not pass."""
    return frozenset(name for name in facts.fields if name not in KEPT)


def target(facts: Facts, route: Route, request_id: str) -> bytes:
    """The target as the server gets it. Who could choose a kernel connection's `session_id` could end another's."""
    if facts.upgrade and socket(facts, route) == "kernel":
        return facts.path.encode("latin-1") + b"?session_id=view-" + request_id.encode("latin-1")
    return facts.target


def _socket(asked: Segments) -> Socket | None:
    for pattern, kind in SOCKETS.items():
        if _fits(asked, pattern):
            return kind
    return None


def _fits(asked: Segments, pattern: Segments) -> bool:
    if pattern[-1:] == ("**",):
        pattern = pattern[:-1]
        asked = asked[: len(pattern)]
    return len(asked) == len(pattern) and all(
        name == wanted or (wanted == "*" and name) for name, wanted in zip(asked, pattern, strict=True)
    )


_LISTED = tuple(tuple(line.split("/")) if line != "/" else ("",) for line in PAGES.split())
