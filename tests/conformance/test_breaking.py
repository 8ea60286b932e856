"""Bodies, names and tokens made to break the API, on every operation of both OpenAPI documents.

Each is refused with 4xx and a message; the database is as it was; the log has none of it at full length.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conformance import hubgate, world
from tests.conformance.call import ALICE
from tests.conformance.sides import Side
from tests.integration.harness import Gateway, eventually

pytestmark = [pytest.mark.sockets, pytest.mark.conformance, pytest.mark.timeout(600)]

DIALECTS = ("api", "hub/api")
MARK = "Qz"
"""Nothing else has it, so that the log can be searched for it."""
LONG = MARK * 150
SECRET = "Qx" * 10
CHANGING = frozenset(["last_activity", "last_used", "last_seen"])
"""Columns that any call may move."""

BODIES: dict[str, bytes] = {
    "more than a megabyte": json.dumps({"note": MARK * 600_000}).encode(),
    "a megabyte of braces": b'{"a":' * 200_000,
    "deep nesting": b"[" * 100_000 + b"]" * 100_000,
    "deep nesting in a field": b'{"users":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "half a document": b'{"admin": tr',
    "two documents": b"{}{}",
    "a number": b"7",
    "a text": json.dumps(LONG).encode(),
    "a list": json.dumps([LONG]).encode(),
    "true": b"true",
    "no UTF-8": b'{"admin": "\xff\xfe"}',
    "NUL in a key": json.dumps({f"a\0{LONG}": 1}).encode(),
    "NUL in a value": json.dumps({"note": f"a\0{LONG}"}).encode(),
    "half a character": b'{"note": "\\ud800"}',
    "a key twice": b'{"admin": false, "admin": true}',
    "NaN": b'{"expires_in": NaN}',
    "a number without end": b'{"expires_in": 1' + b"0" * 5000 + b"}",
}
NO_NAMES: dict[str, str] = {
    "no UTF-8": "%FF%FE",
    "half a character": "%ED%A0%80",
    "NUL": f"a%00{LONG}",
    "dots": "%2E%2E",
    "a line end": "a%0D%0AX-Injected:%20b",
    "long": LONG,
    "longer": LONG * 20,
}
"""What nothing can be called: not even a group, whose name may be nearly anything."""
NAMES: dict[str, str] = {
    **NO_NAMES,
    "unicode": "%C3%BCn%C3%AF-%F0%9F%98%80",
    "a slash": "a%2Fb",
    "a wildcard": "%25",
    "another wildcard": "_",
    "a quote": "'%20OR%201=1--",
    "a huge number": "a" + "9" * 40,
}
TOKENS: dict[str, str] = {
    "65 characters": f"token {SECRET}" + "a" * (65 - len(SECRET)),
    "5000 characters": f"token {SECRET}" + MARK * 2500,
    "a quote": f"token {SECRET}' OR '1'='1",
    "wildcards": "token " + "%" * 32,
    "Latin-1": f"token \xfc{SECRET}",
    "another scheme": f"Basic {SECRET}",
}


@dataclass(frozen=True)
class Operation:
    dialect: str
    method: str
    path: str
    """As documented, with `{name}` for what is to be filled in."""
    takes_body: bool

    def url(self, **values: str) -> str:
        filled = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1]) or values["other"], self.path)
        return f"{self.dialect}{filled}"

    def __str__(self) -> str:
        return f"{self.method} /{self.dialect}{self.path}"


EXISTING = {"user": "alice", "name": "alice", "owner": "alice", "group": "students", "g": "students", "other": "none"}


@pytest.fixture(scope="module")
def battered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Side]]:
    folder = tmp_path_factory.mktemp("battered")
    with hubgate.gateway(folder, {"traffic": {"access_log": True}}) as gateway:
        side = Side("Hubgate", gateway.origin, hubgate.admin_token(gateway))
        side.populate()
        side.token(ALICE)
        yield gateway, side
        side.close()


@pytest.fixture(scope="module")
def operations(battered: tuple[Gateway, Side]) -> list[Operation]:
    gateway, _ = battered
    found = []
    for dialect in DIALECTS:
        document = httpx.get(gateway.url(f"{dialect}/openapi.json"), trust_env=False).json()
        for path, item in document["paths"].items():
            for method in ("get", "put", "post", "patch", "delete"):
                if method in item:
                    found.append(Operation(dialect, method.upper(), path, "requestBody" in item[method]))
    return found


def dump(gateway: Gateway) -> dict[str, list[Any]]:
    """All tables, but for what any call moves."""
    with closing(sqlite3.connect(gateway.data_dir / "hubgate.sqlite")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: rows(database, table) for table in tables}


def rows(database: sqlite3.Connection, table: str) -> list[Any]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(column for column in columns if column not in CHANGING)
    return database.execute(f"SELECT {kept} FROM {table} ORDER BY {kept}").fetchall()


def nowhere_logged(gateway: Gateway) -> bool:
    """No long name in a message, and no very long one in the access log either, which bounds what it shows."""
    log = gateway.log(10**9)
    messages = [line for line in log.splitlines() if not line.startswith("{")]
    return LONG not in "\n".join(messages) and LONG * 20 not in log


def wrong(answer: httpx.Response) -> str:
    """What is wrong with a refusal; "" if it is one."""
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code} {answer.text[:200]}"
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError):
        return f"{answer.status_code} without a message: {answer.text[:200]}"
    return "" if message and len(answer.text) < 2000 else f"{answer.status_code} with {answer.text[:200]!r}"


def test_bodies_are_refused_and_change_nothing(battered: tuple[Gateway, Side], operations: list[Operation]) -> None:
    gateway, side = battered
    headers = {"Authorization": f"token {side.admin_token}"}
    side.http.get(gateway.url("api/user"), headers=headers)
    # A token's first use is written down, a moment later.
    eventually(lambda: "token.used" in str(dump(gateway)["audit"]), 10)
    before, failures = dump(gateway), []
    for operation in (each for each in operations if each.takes_body):
        for about, body in BODIES.items():
            headers = {"Authorization": f"token {side.admin_token}", "Content-Type": "application/json"}
            answer = side.http.request(
                operation.method, gateway.url(operation.url(**EXISTING)), content=body, headers=headers
            )
            if problem := wrong(answer):
                failures.append(f"{operation}, {about}: {problem}")
    assert failures == []
    assert dump(gateway) == before
    assert nowhere_logged(gateway)


def test_names_are_refused_and_change_nothing(battered: tuple[Gateway, Side], operations: list[Operation]) -> None:
    """All over the path, and at its end alone. What reads or deletes gets names that nobody happens to have, too."""
    gateway, side = battered
    headers = {"Authorization": f"token {side.admin_token}"}
    before, failures = dump(gateway), []
    for operation in (each for each in operations if "{" in each.path):
        last = re.findall(r"\{(\w+)\}", operation.path)[-1]
        for about, name in (NAMES if operation.method in ("GET", "DELETE") else NO_NAMES).items():
            for values in ({"other": name}, {**EXISTING, last: name}):
                answer = side.http.request(operation.method, gateway.url(operation.url(**values)), headers=headers)
                if problem := wrong(answer):
                    failures.append(f"{operation}, {about}: {problem}")
    assert failures == []
    assert dump(gateway) == before
    assert nowhere_logged(gateway)


def test_tokens_are_refused_and_never_logged(battered: tuple[Gateway, Side], operations: list[Operation]) -> None:
    gateway, side = battered
    before, failures = dump(gateway), []
    for operation in operations:
        for about, token in TOKENS.items():
            url = gateway.url(operation.url(**EXISTING))
            raw = [(b"authorization", token.encode("latin-1"))]
            answer = side.http.request(operation.method, url, headers=raw)
            if operation_is_open(operation) and answer.status_code == 200:
                continue
            if problem := wrong(answer):
                failures.append(f"{operation}, {about}: {problem}")
    assert failures == []
    assert dump(gateway) == before
    assert SECRET not in gateway.log(10**9)


def operation_is_open(operation: Operation) -> bool:
    """Those that answer whoever asks."""
    return operation.method == "GET" and operation.path in ("", "/", "/openapi.json", "/jwks.json", "/health")


def test_there_are_operations(operations: list[Operation]) -> None:
    assert {each.dialect for each in operations} == set(DIALECTS)
    assert len(operations) > 60
    assert world.ADMIN not in {each.path for each in operations}
