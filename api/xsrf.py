"""Proof that a form came from our own page: values and how one is judged. Pure.

Logged in, the value is a MAC of the session, so nothing that a neighbour plants in
a cookie counts. Before log-in it is a random number with its MAC, held by a cookie
and repeated in the form.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

COOKIE = "_xsrf"
FIELD = "_xsrf"


def for_session(key: bytes, digest: str) -> str:
    """The value that belongs to the session with this digest."""
    return _mac(key, f"session:{digest}")


def for_nonce(key: bytes, nonce: str) -> str:
    """A value for somebody without a session; `nonce` is random, without a dot."""
    return f"{nonce}.{_mac(key, f'nonce:{nonce}')}"


def is_ours(key: bytes, value: str) -> bool:
    """Is this a value that `for_nonce` made?"""
    nonce, _, _ = value.partition(".")
    return bool(nonce) and _equal(for_nonce(key, nonce), value)


def fits_session(key: bytes, digest: str, presented: str) -> bool:
    return _equal(for_session(key, digest), presented)


def fits_cookies(key: bytes, cookies: Iterable[str], presented: str) -> bool:
    """Without a session: is it ours, and is it in this browser's cookie?"""
    return is_ours(key, presented) and any(_equal(cookie, presented) for cookie in cookies)


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _equal(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
