"""The gate's own answers as bytes: a page for a person who waits for one, else JSON.

A page is one file without script; it says what happened, whose move it is, and offers the
way on. Everything that came from outside is escaped. Pure.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape
from http import HTTPStatus

from gateway import JUPYTERHUB_VERSION, __version__
from gateway.proxy.facts import Link, Refuse

type Pairs = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response; `bytes()` of it goes on the wire."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    head_only: bool = False
    """Answers HEAD: the body is counted, not sent."""

    def closing(self) -> Answer:
        """The same, as the last one on its connection."""
        return replace(self, headers=(*self.headers, (b"Connection", b"close")))

    def __bytes__(self) -> bytes:
        lines = [b"HTTP/1.1 %d %b" % (self.status, HTTPStatus(self.status).phrase.encode())]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if self.head_only else self.body)


def refusal(
    refuse: Refuse,
    *,
    request_id: str,
    navigation: bool,
    method: str = "GET",
    close: bool = False,
    extra: Pairs = (),
) -> Answer:
    """`navigation` is `facts.navigation`, or `facts.navigation(head)` where `read` refused.

    `extra` holds headers to put first, such as those of `cookies.clearing`.
    """
    headers = list(extra)
    if refuse.retry_after is not None:
        headers.append((b"Retry-After", b"%d" % refuse.retry_after))
    if refuse.bearer:
        headers.append((b"WWW-Authenticate", b"Bearer"))
    if navigation:
        answer = _answer(refuse.status, _HTML, page(refuse, request_id), headers, request_id, method)
    else:
        answer = _json(refuse.status, f"{refuse.message} {refuse.hint}".rstrip(), headers, request_id, method)
    return answer.closing() if close else answer


def redirection(
    location: str, status: int = 302, *, request_id: str, method: str = "GET", close: bool = False, extra: Pairs = ()
) -> Answer:
    """To a path of ours, percent-encoded already."""
    headers = [*extra, (b"Location", location.encode("ascii"))]
    answer = _answer(status, _TEXT, b"", headers, request_id, method)
    return answer.closing() if close else answer


def health(connected: bool, *, request_id: str, method: str = "GET", close: bool = False) -> Answer:
    """The worker's word on itself: is it connected to the hub?"""
    status, message = (200, "The worker is connected.") if connected else (503, "The worker is not connected.")
    answer = _json(status, message, [], request_id, method)
    return answer.closing() if close else answer


def _json(status: int, message: str, headers: Pairs, request_id: str, method: str) -> Answer:
    return _answer(
        status, _JSON, json.dumps({"status": status, "message": message}).encode(), headers, request_id, method
    )


def _answer(  # noqa: PLR0917  # private, and each call names what it passes
    status: int, kind: tuple[bytes, bytes], body: bytes, headers: Pairs, request_id: str, method: str
) -> Answer:
    content_type, policy = kind
    complete = [
        *headers,
        (b"Content-Type", content_type),
        (b"Content-Length", b"%d" % len(body)),
        (b"Cache-Control", b"no-store"),
        (b"Content-Security-Policy", policy + b"frame-ancestors 'none'"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"X-Frame-Options", b"DENY"),
        (b"Cross-Origin-Opener-Policy", b"same-origin"),
        (b"Referrer-Policy", b"same-origin"),
        (b"X-JupyterHub-Version", JUPYTERHUB_VERSION.encode()),
        (b"X-Hubgate-Version", __version__.encode()),
        (b"X-Request-Id", request_id.encode("latin-1")),
    ]
    return Answer(status, tuple(complete), body, head_only=method == "HEAD")


# ── the page ─────────────────────────────────────────────────────────────────

_STYLE = """
:root { color-scheme: light dark; --page: #f6f5f1; --card: #fff; --text: #1c2429; --soft: #57636b; --line: #dedbd3;
  --accent: #0f6b64; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --page: #12171a; --card: #1a2124; --text: #e6eaea; --soft: #9dabb1;
  --line: #2c363b; --accent: #67cbbd; --on-accent: #06211e } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
main { max-width: 34rem; width: 100%; padding: 2.25rem; background: var(--card); border: 1px solid var(--line);
  border-top: 4px solid var(--accent); border-radius: 12px }
.status { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .04em }
h1 { margin: .2rem 0 .8rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 .8rem; overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
a { padding: .55rem 1.1rem; border-radius: 8px; border: 1px solid var(--accent); color: var(--accent);
  text-decoration: none; font-weight: 600 }
a:first-child { background: var(--accent); color: var(--on-accent) }
a:focus-visible { outline: 3px solid var(--text); outline-offset: 2px }
footer { margin-top: 1.75rem; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere }
"""

_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest())
_HTML = (
    b"text/html; charset=utf-8",
    b"default-src 'none'; style-src 'sha256-" + _STYLE_HASH + b"'; base-uri 'none'; form-action 'none'; ",
)
_JSON = (b"application/json", b"default-src 'none'; ")
_TEXT = (b"text/plain; charset=utf-8", b"default-src 'none'; ")

_BY_REASON = {
    "stopped": ("Server not running", "Start it to go on where you left off."),
    "starting": ("Server is starting", "Give it a moment, then load this page again."),
    "stopping": ("Server is stopping", "Once it has stopped it can be started again."),
    "source": (
        "Stopped for your safety",
        "If you meant to come here, type the address or use a link on your home page.",
    ),
    "xsrf": ("Stopped for your safety", "Load the page that you came from again, then try once more."),
    "host": ("Wrong address", "Use the address that you were given, or ask an administrator to allow this one."),
    "upstream-refused": (
        "The server does not answer",
        "Load this page again in a moment. If it stays so, stop the server on your home page and start it anew.",
    ),
    "upstream-timeout": (
        "The server takes too long",
        "It may be busy. Try again in a moment; if it stays so, stop the server on your home page and start it anew.",
    ),
    "slow-body": ("The upload stopped", "Check the connection, then send it again."),
    "policy-broken": (
        "A rule does not work",
        "Try again in a moment; if it stays so, tell an administrator: the gateway's log says what is wrong.",
    ),
    "hub-away": ("Just a moment", "Nothing is lost. Servers that run go on; load this page again shortly."),
}
_BY_STATUS = {
    401: ("Log in first", "Send a credential that is valid, or log in again."),
    403: ("Not allowed", "Ask its owner or an administrator if you should have access."),
    404: ("Nothing here", "Check the address for a typing error."),
    405: ("Not possible here", "Whoever made the program that sent this has to ask in another way."),
    408: ("That took too long", "Check your connection, then try again."),
    413: ("Too large", "Send less at once, or ask an administrator for a higher limit."),
    414: ("The address is too long", "Shorten what comes after the question mark, or begin at your home page."),
    429: ("Too many requests", "Wait a little before you try again."),
    431: ("The browser sends too much", "Delete this site's cookies in your browser, then log in again."),
    502: (
        "The answer makes no sense",
        "Try again in a moment. If it stays so, stop the server on your home page and start it anew.",
    ),
    503: ("Not available", "Try again in a moment."),
    504: ("No answer", "Try again in a moment; if it stays so, restart the server."),
}
_THEIRS = (
    "This cannot be understood",
    "Whatever sent this has to send it differently. In a browser, check the address.",
)
_OURS = ("This did not work", "Try again in a moment; if it stays so, tell an administrator.")


def page(refuse: Refuse, request_id: str) -> bytes:
    """The answer as a page."""
    title, move = _BY_REASON.get(refuse.reason) or _BY_STATUS.get(
        refuse.status, _THEIRS if refuse.status < 500 else _OURS
    )
    if refuse.reason == "stopped" and refuse.hint.startswith("Its owner"):
        move = refuse.hint
    links = "".join(_link(link) for link in refuse.links)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} · Hubgate</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<p class="status">{refuse.status} {escape(HTTPStatus(refuse.status).phrase)}</p>\n<h1>{escape(title)}</h1>\n'
        f"<p>{escape(refuse.message)}</p>\n<p>{escape(move)}</p>\n"
        + (f"<nav>{links}</nav>\n" if links else "")
        + f"<footer>Request {escape(request_id)}: by this number it stands in the access log.</footer>\n"
        + "</main>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")


def _link(link: Link) -> str:
    return f'<a href="{escape(link.url)}">{escape(link.text)}</a>'
