"""Two answers to the same call: where do they deviate? Pure.

Both are brought into a normal form first: what is different by chance (times, ids,
secrets) is replaced by its kind, lists that are sets are sorted, a stream of events is
its first and last. What is left is compared by value, so a message must be the same
text and a number the same number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.conformance.call import Answer

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CHANCE = frozenset(
    [
        "access_token",
        "expires_in",
        "id",
        "token",
        "token_id",
        "session_id",
        "code",
        "python",
        "sys_executable",
        "pid",
        "target",
    ]
)
"""Keys whose values are made up; only their type is compared."""
HEADERS = (
    "location",
    "www-authenticate",
    "content-type",
    "x-jupyterhub-version",
    "access-control-allow-origin",
    "access-control-allow-headers",
)
ABSENT = "<absent>"


@dataclass(frozen=True)
class Deviation:
    """`call` is `noun: what it is about`, `at` the place: `status`, `body.users[0].name`."""

    call: str
    at: str
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.call}\n    at {self.at}\n    JupyterHub {self.theirs!r}\n    Hubgate    {self.ours!r}"


@dataclass(frozen=True)
class Difference:
    """A deviation that is meant. All but `why` may hold `*`; `[` stands for itself."""

    calls: str
    at: str
    why: str
    theirs: str = "*"
    """What JupyterHub gives there, as text; a status with the beginning of its body."""
    ours: str = "*"

    def covers(self, deviation: Deviation) -> bool:
        return (
            _matches(self.calls, deviation.call)
            and _matches(self.at, deviation.at)
            and _matches(self.theirs, str(deviation.theirs))
            and _matches(self.ours, str(deviation.ours))
        )


def deviations(call: str, theirs: Answer, ours: Answer) -> Iterator[Deviation]:
    """Every place where `ours` is not like `theirs`. With another status nothing else is asked."""
    if theirs.status != ours.status:
        yield Deviation(call, "status", _brief(theirs), _brief(ours))
        return
    for name in HEADERS:
        pair = _header(theirs, name), _header(ours, name)
        if pair[0] != pair[1]:
            yield Deviation(call, f"headers.{name}", *pair)
    yield from _unlike(call, "body", normal(theirs), normal(ours))


def normal(answer: Answer) -> Any:
    """The body in the form that is compared."""
    kind = _header(answer, "content-type")
    if kind == "text/event-stream" and answer.status == 200:
        events = [line[6:] for line in answer.body.decode().splitlines() if line.startswith("data: ")]
        return [_plain(json.loads(event)) for event in (events[0], events[-1])] if events else []
    if not answer.body:
        return ""
    if kind == "text/html":
        return "<page>"
    try:
        return _plain(json.loads(answer.body))
    except ValueError:
        return answer.body.decode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _chance(item) if key in CHANCE else sorted(item.split()) if key == "scope" else _plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    if isinstance(value, str) and TIME.fullmatch(value):
        return "<time>"
    return value


def _chance(value: Any) -> Any:
    return _plain(value) if isinstance(value, dict | list) else f"<{type(value).__name__}>"


def _unlike(call: str, at: str, theirs: Any, ours: Any) -> Iterator[Deviation]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            yield from _unlike(call, f"{at}.{key}", theirs.get(key, ABSENT), ours.get(key, ABSENT))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for index, pair in enumerate(zip(theirs, ours, strict=True)):
            yield from _unlike(call, f"{at}[{index}]", *pair)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield Deviation(call, at, theirs, ours)


def _header(answer: Answer, name: str) -> str:
    """The header in lower case, without parameters; "" if there is none."""
    return answer.headers.get(name, "").partition(";")[0].strip().lower()


def _brief(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}"


def _matches(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))
