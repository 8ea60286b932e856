"""Attacks 28, 30, 34, 35 and 38 on the API, through a real gateway."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import psutil
import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD
from tests.integration.wire import FETCH, NAVIGATION, Reply, Wire, ask, cookie, people, upgrade

pytestmark = pytest.mark.sockets

MIB = 1 << 20
REBOUND = "attacker.example"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {
        "authenticator": {
            "plugin": "dummy",
            "admin_users": ["admin"],
            "allowed_users": ["alice", "bob", "mallory"],
            "dummy": {"password": PASSWORD},
        },
        "sharing": {"users_may_share": True},
        "traffic": {"access_log": True},
    }
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "admin", "alice", "bob", "mallory") as clients:
        yield clients


@pytest.fixture(scope="module")
def bearer(gateway: Gateway, people: dict[str, Client]) -> Mapping[str, Mapping[str, str]]:
    tokens = {name: gateway.run("token", name).stdout.strip() for name in people}
    return {name: {"Authorization": f"token {token}"} for name, token in tokens.items()}


def call(gateway: Gateway, who: Mapping[str, str], method: str, path: str, body: str = "") -> Reply:
    with Wire(gateway) as wire:
        return wire.ask(path, {**JSON, **who}, method, body.encode())


# ── 28: the browser takes us for somebody else's name ────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "how"),
    [
        ("GET", "/hub/home", NAVIGATION),
        ("GET", "/hub/token", NAVIGATION),
        ("POST", "/hub/login", NAVIGATION),
        ("POST", "/hub/spawn", NAVIGATION),
        ("GET", "/hub/api/user", FETCH),
        ("POST", "/hub/api/users/alice/tokens", FETCH),
        ("DELETE", "/hub/api/users/alice", FETCH),
        ("POST", "/api/shares", FETCH),
        ("GET", "/user/alice/api/kernels/x/channels", "websocket"),
    ],
)
def test_a_rebound_name_opens_and_changes_nothing(
    gateway: Gateway, people: dict[str, Client], bearer: Any, method: str, path: str, how: Any
) -> None:
    """With the victim's own cookie and with a token, from a page of that very name: same-origin to a browser."""
    name = f"{REBOUND}:{gateway.port}"
    rebound = {"Host": name, "Origin": f"http://{name}"}
    kind = upgrade(gateway) if how == "websocket" else how
    for credential in ({"Cookie": cookie(people["alice"])}, bearer["admin"]):
        reply = call(gateway, {**kind, **credential, **rebound}, method, path)
        assert reply.status == 421
        assert not reply.all("set-cookie") and not reply["location"]
        assert b"alice" not in reply.body
    assert call(gateway, bearer["admin"], "GET", "/hub/api/users/alice").status == 200
    assert b'"api_tokens":[{' in call(gateway, bearer["alice"], "GET", "/hub/api/users/alice/tokens").body


# ── 30: guessing ─────────────────────────────────────────────────────────────


def test_guesses_at_codes_are_few_and_tell_nothing(gateway: Gateway, people: dict[str, Client], bearer: Any) -> None:
    """Nearly right or not even a code: the same answer. After ten a minute not even the right one is looked at."""
    people["alice"].http.get("hub/api/user")
    made = call(gateway, bearer["alice"], "POST", "/api/shares", '{"server_name": ""}')
    assert made.status == 201, made
    found = re.search(rb'"code":"([^"]+)"', made.body)
    assert found
    code = found[1].decode()
    guesses = [code[:-1], f"{code[:-1]}_", code.swapcase(), token_hex(16), "x", "%27", "%25", "a" * 5000, "y"]
    answers = [call(gateway, bearer["mallory"], "GET", f"/api/shares/{guess}") for guess in guesses]
    answers.append(call(gateway, bearer["mallory"], "POST", f"/api/shares/{guesses[0]}/accept"))
    assert {(each.status, each.body) for each in answers} == {(404, answers[0].body)}
    for method, path in (("GET", f"/api/shares/{code}"), ("POST", f"/api/shares/{code}/accept")):
        late = call(gateway, bearer["mallory"], method, path)
        assert late.status == 429 and int(late["retry-after"]) > 0
    assert call(gateway, bearer["mallory"], "GET", "/user/alice/").status == 403
    assert call(gateway, bearer["bob"], "GET", f"/api/shares/{code}/accept").status == 405, "a link accepts nothing"
    assert call(gateway, bearer["bob"], "POST", f"/api/shares/{code}/accept").status == 200, "others are not held up"


# ── 34: what is written down ─────────────────────────────────────────────────


def test_no_name_writes_lines_of_its_own(gateway: Gateway, people: dict[str, Client], bearer: Any) -> None:
    """Line ends, escapes for terminals, NUL and what turns text around, in path, body and header; a megabyte too."""
    mark = f"mark-{token_hex(4)}"
    names = [f"{mark}%0d%0aroot%20logged%20in", f"{mark}%1b[2J", f"{mark}%00", f"{mark}%e2%80%ae", f"{mark}%c2%85x"]
    before = len(gateway.log(10_000_000))
    for name in names:
        assert call(gateway, bearer["admin"], "POST", f"/hub/api/users/{name}").status in (400, 404), name
        raw = {"User-Agent": f"{mark}\x1b[31m\x9b", "X-Request-Id": f"{mark}\x1b"}
        assert call(gateway, {**bearer["admin"], **raw}, "GET", f"/hub/api/users/{name}").status in (400, 404)
    body = json.dumps({"usernames": [f"{mark}\r\n\x1b[2J\u202e{'n' * MIB}"]})
    assert call(gateway, bearer["admin"], "POST", "/hub/api/users", body).status in (400, 413)
    note = json.dumps({"note": f"{mark}\r\n\x1b[2J\u202e\x85"})
    assert call(gateway, bearer["alice"], "POST", "/hub/api/users/alice/tokens", note).status in (201, 400)
    eventually(lambda: mark in gateway.log(10_000_000)[before:], 10, "or this test looks at nothing")
    written = gateway.log(10_000_000)[before:]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", written)
    assert not re.search(r"^root logged in", written, re.MULTILINE)
    assert max(map(len, written.splitlines())) < 10_000
    audit = call(gateway, bearer["admin"], "GET", "/hub/api/audit?limit=50").body.decode()
    assert not re.search(r"\\u001b|\\u202e|[\u202e\u0085\x1b]", audit)


# ── 35: guessing tokens at the API ───────────────────────────────────────────


def test_a_flood_of_tokens_does_not_stop_the_api(gateway: Gateway, people: dict[str, Client], bearer: Any) -> None:
    """Each is asked about once, of the hub; it goes on answering, and neither process grows."""
    processes = [psutil.Process(gateway.pid(name)) for name in ("hub", "worker-1")]
    before = [process.memory_info().rss for process in processes]
    until = time.monotonic() + 3

    def flood(_number: int) -> set[int]:
        seen = set()
        with Wire(gateway, source="127.0.0.9") as wire:
            while time.monotonic() < until:
                seen.add(wire.ask("/hub/api/users", {"Authorization": f"token {token_hex(32)}"}).status)
        return seen

    took = []
    with ThreadPoolExecutor(8) as threads:
        floods = threads.map(flood, range(8))
        while time.monotonic() < until:
            began = time.monotonic()
            assert call(gateway, bearer["admin"], "GET", "/hub/api/users/alice").status == 200
            took.append(time.monotonic() - began)
        assert set().union(*floods) <= {403, 429}
    assert statistics.median(took) < 1, took
    grown = [process.memory_info().rss - was for process, was in zip(processes, before, strict=True)]
    assert max(grown) < 64 * MIB, grown


# ── 38: who exists ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("dialect", ["hub/api", "api"])
def test_the_api_does_not_tell_who_exists(
    gateway: Gateway, people: dict[str, Client], bearer: Any, dialect: str
) -> None:
    """Another's account, server, tokens or log, and nobody's: status, headers, body, and the hub's own time."""
    ends = ("", "/tokens", "/server", "/servers/gpu", "/server/progress", "/server/log", "/activity", "/shared")
    for end in ends:
        for method in ("GET", "DELETE", "POST"):
            known, unknown = (
                call(gateway, bearer["mallory"], method, f"/{dialect}/users/{name}{end}") for name in ("alice", "nobod")
            )
            same = (unknown.status, unknown.body.replace(b"nobod", b"alice"))
            assert (known.status, known.body) == same, (method, end)
            assert known.status in (403, 404, 405), (method, end, known.status)
            assert {name for name, _ in known.headers} == {name for name, _ in unknown.headers}
    hub, spent = psutil.Process(gateway.pid("hub")), defaultdict[str, list[float]](list)
    for name in ("alice", "nobod") * 4:
        before = hub.cpu_times()
        for _ in range(300):
            call(gateway, bearer["mallory"], "GET", f"/{dialect}/users/{name}/server")
        after = hub.cpu_times()
        spent[name].append(after.user + after.system - before.user - before.system)
    # The least of each: what else the hub does meanwhile only ever adds.
    known, unknown = (min(each) + 0.01 for each in (spent["alice"], spent["nobod"]))
    assert max(known, unknown) < 1.5 * min(known, unknown), spent


def test_a_server_that_stands_still_is_no_news_for_strangers(gateway: Gateway, bearer: Any) -> None:
    answers = {
        (reply.status, reply.body)
        for path in ("/user/alice/", "/user/alice/gpu/", "/user/nobod/", "/user/nobod/gpu/")
        if (reply := call(gateway, bearer["mallory"], "GET", path))
    }
    assert len(answers) == 1 and next(iter(answers))[0] == 403


def test_the_gateway_is_still_well(gateway: Gateway) -> None:
    """After all of this."""
    eventually(gateway.healthy, 10)
    assert ask(gateway, "/hub/health").status == 200
