"""`Set-Cookie` of a server, read as a browser reads it, and kept in the server's own place.

A cookie that a browser would file under the gateway's name must not pass, however it is
spelled; one that belongs to the server must not reach another. Pure. The rules are those
of RFC 6265bis, section 5.6.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.clients import of_some_client, owns_cookie
from gateway.proxy.site import SESSION_COOKIES, Site
from gateway.routes import Segments, escape, split

_LONGEST_PAIR = 4096
_LONGEST_ATTRIBUTE = 1024
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code != 0x09)
_OURS = frozenset(name.lower() for name in SESSION_COOKIES)
_KEPT = {
    b"expires": b"Expires",
    b"max-age": b"Max-Age",
    b"secure": b"Secure",
    b"httponly": b"HttpOnly",
    b"samesite": b"SameSite",
    b"partitioned": b"Partitioned",
    b"priority": b"Priority",
}
_WITHOUT_VALUE = (b"secure", b"httponly", b"partitioned")
_DEEPEST_CLEARED = 8


@lru_cache(maxsize=4096)
def prefix_path(prefix: Segments) -> str:
    """A route's prefix as a raw path with both slashes."""
    return "/" + "".join(f"{escape(segment)}/" for segment in prefix)


def inside(path: str, prefix: Segments) -> bool:
    """Does this raw path lie within a route's prefix, for every way to read it?"""
    segments = split(path)
    return (
        path.startswith("/")
        and segments[: len(prefix)] == prefix
        and not any("\\" in part or "%2e" in part.lower() or part in (".", "..") for part in segments)
    )


def kept_inside(header: bytes, prefix: Segments, stripped: bool = False, client: str = "") -> bytes | None:
    """A `Set-Cookie` value that stays within `prefix` and takes no name of ours; None = drop it.

    `stripped`: whoever sets it knows nothing of the prefix, so its paths begin below that. `client` is
    the OAuth client that sets it: names of other clients' cookies are not its to take.
    """
    if len(header.translate(None, _CONTROLS)) != len(header):
        return None
    pair, *attributes = header.split(b";")
    name, equals, value = pair.partition(b"=")
    name, value = name.strip(b" \t"), value.strip(b" \t")
    # A cookie without a name is sent back as its bare value, which may look like any pair.
    if not (equals and name) or len(name) + len(value) > _LONGEST_PAIR:
        return None
    # `__Host-` promises the whole host to whoever set it, and no server has that.
    if name.lower() in _OURS or name.lower().startswith(b"__host-"):
        return None
    plain = name.decode("latin-1")
    if of_some_client(plain.lower()) and not (client and owns_cookie(client, plain)):
        return None
    found = _attributes(attributes)
    path = found.pop(b"path", b"").decode("latin-1")
    if not inside(path, prefix):
        below = prefix_path(prefix) + path.lstrip("/")
        path = below if stripped and inside(below, prefix) else prefix_path(prefix)
    parts = [name + b"=" + value, b"Path=" + path.encode("latin-1")]
    parts += [
        _KEPT[key] if key in _WITHOUT_VALUE else _KEPT[key] + b"=" + said for key, said in found.items() if key in _KEPT
    ]
    return b"; ".join(parts)


def clearing(site: Site, path: str) -> list[tuple[bytes, bytes]]:
    """`Set-Cookie` headers that clear every session cookie that was sent to this raw path.

    For answers to requests with `facts.clear_cookies`; they go *before* all other headers,
    because one of those may set a new session. A page can put a second cookie of that name
    on a deeper path only, so each path above this one is cleared.
    """
    places = ["/"]
    for length in range(1, min(path.count("/"), _DEEPEST_CLEARED) + 1):
        place = "/".join(path.split("/")[: length + 1])
        places += [place, place + "/"]
    secure = b"; Secure" if site.secure else b""
    return [
        (b"Set-Cookie", site.cookie + b"=; Path=" + place.encode("latin-1") + b"; Max-Age=0; HttpOnly" + secure)
        for place in dict.fromkeys(places)
        if ";" not in place and "//" not in place
    ]


def _attributes(parts: list[bytes]) -> dict[bytes, bytes]:
    """Attributes by lower-case name; of two alike the last one counts."""
    found: dict[bytes, bytes] = {}
    for part in parts:
        name, _, value = part.partition(b"=")
        if len(value := value.strip(b" \t")) <= _LONGEST_ATTRIBUTE:
            found[name.strip(b" \t").lower()] = value
    return found
