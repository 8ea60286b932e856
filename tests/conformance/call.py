"""A call as a value, who makes it, and the answer as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NOTHING: Any = object()
"""No body at all, which is not the same as `null`."""


@dataclass(frozen=True)
class Token:
    """Someone with a token of `user`, with these scopes; without any: all that the user may."""

    user: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Browser:
    """Someone logged in by cookie, who presents `_xsrf`: the right one, a wrong one, or none."""

    user: str
    xsrf: Literal["right", "wrong", "none"] = "right"


@dataclass(frozen=True)
class Raw:
    """Someone who sends this `Authorization`; empty: none at all."""

    authorization: str = ""


type Caller = Token | Browser | Raw

ADMIN = Token("admin")
ALICE = Token("alice")
BOB = Token("bob")
NOBODY = Raw()
STRANGER = Raw("token nobody-has-this-token")
MONITOR_VALUE = "a-token-of-the-service-monitor"
MONITOR = Raw(f"token {MONITOR_VALUE}")


def scoped(*scopes: str, user: str = "admin") -> Token:
    return Token(user, scopes)


@dataclass(frozen=True)
class Call:
    """One request below `/hub/api`. `{name}` in path and body stands for what an earlier call kept."""

    about: str
    method: str
    path: str
    body: Any = NOTHING
    by: Caller = ADMIN
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    """Name to path in the answer's JSON, such as `{"id": "id"}`, for the calls that follow; `?code` is the field
    `code` in the query of its `Location`."""
    until: int = 0
    """Ask again until this is the status, for what a hub finishes in its own time."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
