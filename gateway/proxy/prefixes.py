"""For apps that do not know their path: it goes from what they are asked, and comes back in what they say. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from gateway.proxy.cookies import inside, prefix_path
from gateway.routes import Segments

_ABSOLUTE = re.compile(r"(?:https?:)?//(?P<authority>[^/?#\\]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


def stripped(target: bytes, prefix: Segments) -> bytes:
    """A request's target (or `Referer`'s path) below `prefix`, as an app at the root expects it.

    One slash leads it: two would be read as the name of a host.
    """
    path, mark, query = target.partition(b"?")
    below = path.split(b"/", len(prefix) + 1)[len(prefix) + 1 :]
    return b"/" + b"".join(below).lstrip(b"/") + mark + query


def relocated(value: bytes, prefix: Segments, hosts: Collection[str]) -> bytes:
    """A `Location` of such an app, in the client's terms.

    `hosts` are the names under which the app may know itself: the public one and its own
    address. What leads elsewhere, what is relative, and what has the prefix already stays.
    """
    text = value.decode("latin-1").strip()
    if found := _ABSOLUTE.match(text):
        if found["authority"].lower() not in hosts:
            return value
        text = found["rest"] if found["rest"].startswith("/") else "/" + found["rest"]
    if not text.startswith("/"):
        return value
    if not inside(re.split(r"[?#]", text, maxsplit=1)[0], prefix):
        text = prefix_path(prefix) + text.lstrip("/")
    return text.encode("latin-1")
