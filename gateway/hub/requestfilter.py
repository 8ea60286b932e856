"""Which requests of the log somebody wants to see. Pure: from the words of a query to a yes or no.

user=alice  server=alice/gpu  method=GET  path=api/kernels  status=4xx  slower=0.5
lane=flow   worker=1          since=1767225600              until=2026-01-01T00:00:00Z
id=3f2a91c04b7e-1d
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.errors import BadInput
from gateway.routes import server_route_id

type Request = Mapping[str, Any]
type Test = Callable[[Request], bool]

LONGEST = 200
LANES = ("express", "flow", "gate")


def wanted(query: Mapping[str, str]) -> Test:
    """All of these at once. BadInput names the word that means nothing, and those that do."""
    tests = []
    for name, value in query.items():
        if name not in MAKERS:
            raise BadInput(
                f"there is no filter {name[:LONGEST]!r}; there are {', '.join(MAKERS)}",
                key="log-filter",
                about={"name": name[:LONGEST], "known": ", ".join(MAKERS)},
            )
        if not value or len(value) > LONGEST:
            raise BadInput(
                f"{name} must have 1 to {LONGEST} characters", key="log-length", about={"name": name, "most": LONGEST}
            )
        tests.append(MAKERS[name](value))
    return lambda request: all(test(request) for test in tests)


def _user(value: str) -> Test:
    return lambda request: request["user"] == value


def _server(value: str) -> Test:
    user, _, name = value.partition("/")
    return lambda request: request["route"] == server_route_id(user, name)


def _route(value: str) -> Test:
    return lambda request: request["route"] == value


def _method(value: str) -> Test:
    return lambda request: request["method"] == value.upper()


def _path(value: str) -> Test:
    return lambda request: value in request["path"]


def _status(value: str) -> Test:
    """`404`, or a class: `4xx`."""
    if len(value) != 3 or not value[0].isdecimal() or not (value[1:] == "xx" or value.isdecimal()):
        raise BadInput("status must be a number such as 404 or a class such as 4xx", key="log-status")
    if value.endswith("xx"):
        return lambda request: request["status"] // 100 == int(value[0])
    return lambda request: request["status"] == int(value)


def _slower(value: str) -> Test:
    seconds = _number("slower", value)
    return lambda request: request["seconds"] >= seconds


def _lane(value: str) -> Test:
    if value not in LANES:
        raise BadInput(f"lane must be one of {', '.join(LANES)}", key="log-lane", about={"known": ", ".join(LANES)})
    return lambda request: request["lane"] == value


def _id(value: str) -> Test:
    """As error pages show it."""
    return lambda request: request["id"] == value


def _worker(value: str) -> Test:
    return lambda request: request["worker"] == value


def _since(value: str) -> Test:
    moment = _moment("since", value)
    return lambda request: began(request) >= moment


def _until(value: str) -> Test:
    moment = _moment("until", value)
    return lambda request: began(request) < moment


MAKERS: Mapping[str, Callable[[str], Test]] = {
    "user": _user,
    "server": _server,
    "route": _route,
    "method": _method,
    "path": _path,
    "status": _status,
    "slower": _slower,
    "lane": _lane,
    "worker": _worker,
    "id": _id,
    "since": _since,
    "until": _until,
}


def began(request: Request) -> float:
    """POSIX seconds."""
    return datetime.fromisoformat(request["time"]).timestamp()


def _moment(name: str, value: str) -> float:
    """POSIX seconds, or ISO 8601 with a zone."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return _number(name, value)
    if found.tzinfo is None:
        raise BadInput(f"{name} needs a time zone, such as Z for UTC", key="log-zone", about={"name": name})
    return found.timestamp()


def _number(name: str, value: str) -> float:
    # `float` would take "nan" and "1_0" as well.
    if value.count(".") > 1 or not value.replace(".", "").isdecimal():
        raise BadInput(f"{name} must be a number of seconds", key="log-seconds", about={"name": name})
    return float(value)
