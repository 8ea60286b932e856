"""By what names secrets go: in queries and forms, in JSON, in headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

ARGUMENTS = frozenset(
    {
        "assertion", "auth", "code", "codeverifier", "devicecode", "jwt", "key", "nonce", "otp", "pin", "pwd",
        "samlresponse", "sig", "signature", "state", "ticket",
    }
)  # fmt: skip
"""Of a query or a form, as `plain` writes them, beside those that `_inside` finds."""

SEGMENT = re.compile(r"(/authorizations/(?:token|cookie/[^/]+)/|(?<!/hub)/api/shares/)[^/]+")
"""Calls of the API whose path holds a secret behind this: a token, a cookie, a share code."""

_inside = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret|credential|authorization|cookie|xsrf|csrf|tokens?$|apikey|accesskey"
    r"|privatekey|^(?:pwd|jwt|otp|pin)$"
)
"""What makes a JSON key or a header's name one of a secret, wherever it stands in it."""
_headers = re.compile(r"^(?:xhubgateidentity|xauth.*|.*session(?:id)?|.*jwt.*|.*assertion)$")

_others = re.compile(r"[^0-9a-z]+")
LONGEST = 64
"""Characters of a name whose answer is remembered; the same few come again and again."""


def plain(name: str) -> str:
    """`X-API-Key` and `x_api_key` are `xapikey`."""
    return _others.sub("", name.lower())


def _remembered(test: Callable[[str], bool]) -> Callable[[str], bool]:
    known = lru_cache(maxsize=4096)(test)
    return lambda name: known(name) if len(name) <= LONGEST else test(name)


@_remembered
def of_argument(name: str) -> bool:
    """Is it a secret, as an argument of a query or a field of a form?"""
    short = plain(name)
    return short in ARGUMENTS or _inside.search(short) is not None


@_remembered
def of_key(name: str) -> bool:
    """As a key of JSON, where `code`, `state` and `key` are often something else?"""
    return _inside.search(plain(name)) is not None


@_remembered
def of_header(name: str) -> bool:
    """As a header's name?"""
    short = plain(name)
    if short.startswith("accesscontrol"):
        return False
    return _inside.search(short) is not None or _headers.match(short) is not None
