"""Where a request comes from: for those that a cookie vouches for, which any page can send.

Behind the gateway nobody else asks: the secret that it adds makes Jupyter skip its own
checks of origin and double submit, on WebSockets too. A token proves its sender, so
requests with one are exempt. Pure.
"""

from __future__ import annotations

from binascii import unhexlify
from hmac import compare_digest

from gateway.proxy.credentials import arguments, cookies
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.site import Site
from gateway.routes import Route, split

SAFE = ("GET", "HEAD", "OPTIONS")

_FOREIGN = Refuse(403, "This request does not come from a page of this gateway.", "source")
_NOT_A_PAGE = Refuse(403, "Pages of the hub are for looking at, not for scripts.", "source")
_NO_XSRF = Refuse(403, "The header X-XSRFToken is missing or differs from the cookie _xsrf.", "xsrf")

_HUB_FOR_SCRIPTS = (("api",), ("static",), ("health",), ("metrics",), ("logo",))
"""Below `{base}hub/`, what is no page."""
_CSP_REPORT = ("api", "security", "csp-report")
"""Sent by browsers themselves; Jupyter asks for no double submit there either."""


def refused(facts: Facts, route: Route | None, site: Site) -> Refuse | None:
    """Why a request judged by cookie must not pass; None when it may."""
    if facts.upgrade or facts.method not in SAFE:
        if not _same_origin(facts, site):
            return _FOREIGN
        if route and route.auth == "token" and facts.method not in SAFE and not _double_submitted(facts, route, site):
            return _NO_XSRF
    elif not _readable(facts, site):
        return _FOREIGN
    if facts.segments[: len(site.base) + 1] == (*site.base, "hub") and not _looked_at(facts, site):
        return _NOT_A_PAGE
    return None


def _same_origin(facts: Facts, site: Site) -> bool:
    """For what changes something: the page that sent it must be ours, and be seen to be."""
    origin = facts.fields.get(b"origin")
    if origin is not None:
        return _is_ours(origin, facts, site)
    fetch_site = facts.fields.get(b"sec-fetch-site")
    return fetch_site == b"same-origin" or (
        fetch_site == b"none" and facts.fields.get(b"sec-fetch-mode") == b"navigate"
    )


def _readable(facts: Facts, site: Site) -> bool:
    """For what only reads: a foreign page may lead here, but not embed or fetch it."""
    fields = facts.fields
    origin, fetch_site = fields.get(b"origin"), fields.get(b"sec-fetch-site")
    if (origin is None or _is_ours(origin, facts, site)) and fetch_site in (None, b"same-origin", b"none"):
        return True
    return fields.get(b"sec-fetch-mode") == b"navigate" and fields.get(b"sec-fetch-dest") == b"document"


def _is_ours(origin: bytes, facts: Facts, site: Site) -> bool:
    said = origin.decode("latin-1").lower()
    return said == facts.origin or (said == site.public_origin and bool(said))


def _looked_at(facts: Facts, site: Site) -> bool:
    """A page of the hub is opened by a person: no script, no frame of a same-origin page may have it."""
    if facts.segments[len(site.base) + 1 :][:1] in _HUB_FOR_SCRIPTS:
        return True
    mode, dest = facts.fields.get(b"sec-fetch-mode"), facts.fields.get(b"sec-fetch-dest")
    return mode in (None, b"navigate") and dest in (None, b"document")


# ── Jupyter's double submit ──────────────────────────────────────────────────


def _double_submitted(facts: Facts, route: Route, site: Site) -> bool:
    """Did the sender know the `_xsrf` cookie, as Jupyter asks of whoever has no token?

    Applications inside a Jupyter server (jupyter-server-proxy: RStudio, VS Code, …) do
    not know that cookie, and Jupyter leaves them to themselves. So away from Jupyter's
    own API a `Referer` inside this server does as well.
    """
    tail = facts.segments[len(route.prefix) :]
    if tail == _CSP_REPORT:
        return True
    kept = [_unmasked(value) for name, value in cookies(facts.fields.get(b"cookie", b"")) if name == b"_xsrf"]
    said = _unmasked(_presented(facts))
    # Another Jupyter on the same host name may have left a cookie of its own beside this server's.
    if said and any(compare_digest(said, value) for value in kept):
        return True
    return tail[:1] != ("api",) and _refers_to(facts, route, site)


def _presented(facts: Facts) -> bytes:
    for name in (b"x-xsrftoken", b"x-csrftoken"):
        if value := facts.fields.get(name):
            return value
    return next((value for name, value in arguments(facts.query) if name == b"_xsrf"), b"")


def _unmasked(value: bytes) -> bytes:
    """Tornado's token: `2|mask|masked|time` is masked anew for each form, others are as they are."""
    value = value.strip(b'"')
    version, _, rest = value.partition(b"|")
    if version != b"2":
        return value
    try:
        mask, masked, _ = rest.split(b"|")
        key, text = unhexlify(mask), unhexlify(masked)
    except ValueError:
        return b""
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(text)) if len(key) == 4 else b""


def _refers_to(facts: Facts, route: Route, site: Site) -> bool:
    scheme, _, rest = facts.fields.get(b"referer", b"").decode("latin-1").partition("://")
    authority, _, path = rest.partition("/")
    if not _is_ours(f"{scheme}://{authority}".encode("latin-1"), facts, site):
        return False
    segments = split(path.partition("#")[0].partition("?")[0])
    return segments[: len(route.prefix)] == route.prefix
