"""Where a request came from, by the browser's own word. Pure rules.

`Sec-Fetch-*` and `Origin` cannot be set by a page; a client that is no browser
sends neither. The worker's gate has judged requests with a cookie already; these
rules cover what the gate lets through (log-in, navigations) and what only pages know.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = ("GET", "HEAD", "OPTIONS")


def wants_page(headers: Mapping[str, str]) -> bool:
    """Does a person look at the answer? (Header names in lower case.)"""
    mode = headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return "text/html" in headers.get("accept", "")


def is_navigation(method: str, headers: Mapping[str, str]) -> bool:
    """Does a person go to this address?"""
    return method in ("GET", "HEAD") and wants_page(headers)


def is_top_level(headers: Mapping[str, str]) -> bool:
    """Can this be the address bar, a link or a form, and not a script or a frame?"""
    return headers.get("sec-fetch-mode", "navigate") == "navigate" and (
        headers.get("sec-fetch-dest", "document") == "document"
    )


def is_prefetch(headers: Mapping[str, str]) -> bool:
    return "prefetch" in headers.get("sec-purpose", "") or "prefetch" in headers.get("purpose", "")


def from_our_pages(headers: Mapping[str, str]) -> bool:
    """Not sent by another site, as far as a browser told."""
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def unsafe_is_foreign(headers: Mapping[str, str], host: str) -> bool:
    """Was a POST sent by another site? `host` is the Host that the client sent.

    The scheme is left out: behind something that ends TLS it need not be known.
    """
    origin = headers.get("origin")
    if origin is None:
        return not from_our_pages(headers)
    return _authority(origin) != _authority(f"http://{host}")


def needs_no_proof(method: str, headers: Mapping[str, str]) -> bool:
    """May an API call with the session cookie go without `_xsrf`?

    As in JupyterHub: what changes nothing and is either no browser's, a navigation,
    or an image or the like on our own site. Unlike there, `fetch` in the mode of images
    is none of these: the page of another user's server could read the answer.
    """
    if method in ("HEAD", "OPTIONS"):
        return True
    if method != "GET":
        return False
    match headers.get("sec-fetch-mode", "navigate"):
        case "navigate":
            return True
        case "no-cors":
            return headers.get("sec-fetch-site") == "same-origin" and headers.get("sec-fetch-dest", "empty") != "empty"
    return False


def _authority(origin: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return origin, -1
    return (parts.hostname or origin), None if port in (80, 443) else port
