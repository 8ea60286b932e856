"""Sharing, end to end: used, taken back within a second in every worker, over by itself without the hub."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.integration.bulk import PROFILE, Bulk, bulk
from tests.integration.client import Client
from tests.integration.harness import eventually
from tests.integration.hostile import PASSWORD
from tests.integration.test_revocation import LIMIT, all_kinds, ends, still_there
from tests.integration.wire import ask, cookie

pytestmark = pytest.mark.sockets

GUESTS = ("carol", "dave")
SET_UP = 'act = lambda hub: hub.groups.add(["class"], ["carol", "dave"], by="test")'


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    settings = {
        "authenticator": {
            "plugin": "dummy",
            "admin_users": ["admin"],
            "dummy": {"password": PASSWORD},
            "allowed_users": ["alice", "bob", *GUESTS],
        },
        "sharing": {"users_may_share": True},
        "traffic": {"access_log": True},
        "profiles": [PROFILE, {**PROFILE, "name": "aware", "auth": "jupyterhub"}],
    }
    with bulk(tmp_path_factory.mktemp("sharing"), workers=2, settings=settings) as made:
        with contextlib.ExitStack() as stack:
            for name in GUESTS:
                stack.enter_context(Client(made.gateway)).log_in(name, PASSWORD)
        made.command(SET_UP)
        yield made


def api(plane: Bulk, who: str, method: str, path: str, json: Any = None) -> httpx.Response:
    return plane.people["admin"].http.request(method, path, json=json, headers=plane.bearer(who))


def invited(plane: Bulk, **fields: Any) -> str:
    made = api(plane, "alice", "POST", "api/shares", fields)
    assert made.status_code == 201, made.text
    code: str = made.json()["code"]
    return code


def accepted(plane: Bulk, who: str, code: str) -> None:
    result = api(plane, who, "POST", f"api/shares/{code}/accept")
    assert result.status_code == 200, result.text


def reaches(plane: Bulk, who: str, path: str = "/user/alice/said") -> int:
    return ask(plane.gateway, path, plane.bearer(who)).status


@contextlib.contextmanager
def browser(plane: Bulk, name: str) -> Iterator[Mapping[str, str]]:
    """Headers of a person who is logged in with a browser."""
    with Client(plane.gateway) as client:
        client.log_in(name, PASSWORD)
        yield {"Cookie": cookie(client), "Origin": plane.gateway.origin}


def test_a_guest_reaches_that_server_and_nothing_else(plane: Bulk) -> None:
    for path in ("/user/alice/said", "/user/alice/flow/said", "/user/bob/said"):
        assert reaches(plane, "carol", path) == 403
    code = invited(plane, server_name="flow")
    accepted(plane, "carol", code)
    eventually(lambda: reaches(plane, "carol", "/user/alice/flow/said") == 200, LIMIT)
    for path in ("/user/alice/said", "/user/bob/said", "/user/bob/flow/said"):
        assert reaches(plane, "carol", path) == 403
    assert reaches(plane, "dave", "/user/alice/flow/said") == 403
    for call in (("DELETE", "api/users/alice/server"), ("GET", "api/users/alice"), ("GET", "api/users/alice/tokens")):
        assert api(plane, "carol", *call).status_code == 403
    assert api(plane, "alice", "DELETE", f"api/shares/{code}").status_code == 204
    eventually(lambda: reaches(plane, "carol", "/user/alice/flow/said") == 403, LIMIT)


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_what_came_by_a_code_ends_with_it(plane: Bulk, lane: str) -> None:
    """Streams, WebSockets and all others of its guests, in both workers; the owner and other guests stay."""
    server = "flow" if lane == "flow" else ""
    code, other = invited(plane, server_name=server), invited(plane, server_name=server)
    accepted(plane, "carol", code)
    accepted(plane, "dave", other)
    with contextlib.ExitStack() as stack:
        carol, dave = (stack.enter_context(browser(plane, name)) for name in GUESTS)
        eventually(lambda: ask(plane.gateway, plane.path("said", lane), carol).status == 200, LIMIT)
        owners = stack.enter_context(all_kinds(plane, lane, plane.bearer()))
        daves = stack.enter_context(all_kinds(plane, lane, dave))
        carols = stack.enter_context(all_kinds(plane, lane, carol))
        assert api(plane, "alice", "DELETE", f"api/shares/{code}").status_code == 204
        assert ends(plane, carols) < LIMIT
        still_there(plane, owners)
        still_there(plane, daves)
        assert api(plane, "alice", "DELETE", f"api/shares/{other}").status_code == 204
        assert ends(plane, daves) < LIMIT
        still_there(plane, owners)


def test_a_group_loses_what_was_shared_with_it(plane: Bulk) -> None:
    """JupyterHub's calls; each member is cut off, and who leaves the group is as well."""
    shared = api(plane, "admin", "POST", "hub/api/shares/alice/", {"group": "class"})
    assert shared.status_code == 200, shared.text
    with contextlib.ExitStack() as stack:
        carol, dave = (stack.enter_context(browser(plane, name)) for name in GUESTS)
        eventually(lambda: ask(plane.gateway, "/user/alice/said", dave).status == 200, LIMIT)
        owners = stack.enter_context(all_kinds(plane, "express", plane.bearer()))
        carols = stack.enter_context(all_kinds(plane, "express", carol))
        daves = stack.enter_context(all_kinds(plane, "express", dave))
        plane.command('act = lambda hub: hub.groups.remove_users("class", ["dave"], by="test")')
        assert ends(plane, daves) < LIMIT
        still_there(plane, carols)
        revoked = api(plane, "admin", "PATCH", "hub/api/shares/alice/", {"group": "class", "scopes": []})
        assert revoked.json() == {}
        assert ends(plane, carols) < LIMIT
        still_there(plane, owners)
    plane.command('act = lambda hub: hub.groups.add_users("class", ["dave"], by="test")')


LATE = """
from gateway.hub.starts import Wish
act = lambda hub: hub.servers.make(Wish("alice", "late"), by="test")
"""


def test_a_part_of_a_server_that_asks_who_comes_is_nothing(plane: Bulk) -> None:
    """Shared when nobody knew that it would be one. This one asks nobody, so it is the gate that refuses."""
    alice = plane.people["alice"]
    plane.command(LATE)
    accepted(plane, "carol", invited(plane, server_name="late", path="said"))
    alice.start_server("late")
    eventually(lambda: reaches(plane, "carol", "/user/alice/late/said") == 200, LIMIT)
    assert alice.submit("hub/stop/alice/late", {}, form="hub/home").status_code == 302
    alice.start_server("late", "aware")
    assert [reaches(plane, who, "/user/alice/late/said") for who in ("alice", "carol")] == [200, 403]
    refused = api(plane, "alice", "POST", "api/shares", {"server_name": "late", "path": "said"})
    assert (refused.status_code, "as a whole" in refused.text) == (400, True)
    accepted(plane, "carol", invited(plane, server_name="late"))
    eventually(lambda: reaches(plane, "carol", "/user/alice/late/said") == 200, LIMIT)


OLD = """
import time
from gateway.model import Grant, Invitation
from gateway.store import invitations
what = {"owner": "alice", "server": "", "scopes": ("access:servers!server=alice/",), "path": "api/contents/plots"}
made = Invitation(**what, created=time.time(), handler="direct", grants=(Grant(**what, user="carol"),))
act = lambda hub: hub.changes.write(invitations.add, made, "")
"""


def test_a_path_of_jupyters_api_is_for_looking_on(plane: Bulk) -> None:
    """Bodies of calls there name other paths. It cannot be shared any more; a grant from before only looks on."""
    for path in ("api", "/API/contents/plots/", "%61pi/contents"):
        refused = api(plane, "alice", "POST", "api/shares", {"path": path})
        assert (refused.status_code, "files/" in refused.text) == (400, True)
    plane.command(OLD)
    where = "/user/alice/api/contents/plots/said"
    eventually(lambda: reaches(plane, "carol", where) == 200, LIMIT)
    assert reaches(plane, "carol", "/user/alice/api/contents/said") == 403
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert ask(plane.gateway, where, plane.bearer("carol"), method).status == 403
        assert ask(plane.gateway, where, plane.bearer(), method).status == 200


SHORT = """
from dataclasses import replace
from gateway.hub.shares import Wish
from gateway.store import invitations
import time
async def act(hub):
    made = await hub.shares.create("alice", "", Wish(handler="direct", user="carol", expires_in=60), by="test")
    until = time.time() + 4
    def sooner(db):
        db.run("UPDATE grants SET expires_at = ? WHERE id = ?", until, int(made.grants[0].id))
    await hub.store(sooner)
    from gateway.store import changes
    await hub.changes.write(changes.note, "user:carol")
"""
"""The shortest that can be asked for is a minute, which is long for a test."""


def test_a_grant_ends_by_itself_while_the_hub_is_stopped(plane: Bulk) -> None:
    with browser(plane, "carol") as carol, all_kinds(plane, "express", plane.bearer()) as owners:
        plane.command(SHORT)
        until = time.time() + 4
        eventually(lambda: ask(plane.gateway, "/user/alice/said", carol).status == 200, 2)
        with all_kinds(plane, "express", carol) as carols:
            plane.hub().suspend()
            try:
                ends(plane, carols)
                assert -3 < time.time() - until < LIMIT
                still_there(plane, owners)
                assert ask(plane.gateway, "/user/alice/said", carol).status == 403
            finally:
                plane.hub().resume()
    eventually(plane.gateway.healthy, 20)


def test_a_one_time_code_lets_one_in_however_many_come_at_once(plane: Bulk) -> None:
    """Attack 30."""
    from concurrent.futures import ThreadPoolExecutor

    code = invited(plane, uses=1)
    guests = ["bob", *GUESTS] * 3
    for name in guests[:3]:
        plane.token(name)
    with ThreadPoolExecutor(9) as threads:
        results = list(
            threads.map(
                lambda name: ask(plane.gateway, f"/api/shares/{code}/accept", plane.bearer(name), "POST"), guests
            )
        )
    winners = {name for name, result in zip(guests, results, strict=True) if result.status == 200}
    assert len(winners) == 1
    assert sorted({result.status for result in results}) == [200, 410]
    eventually(lambda: sum(reaches(plane, name) == 200 for name in guests[:3]) == 1, LIMIT)
    assert api(plane, "alice", "DELETE", f"api/shares/{code}").status_code == 204


def test_codes_are_in_no_log(plane: Bulk) -> None:
    """Attack 30: in whatever way a program or a browser sends them."""
    code = invited(plane)
    wanted = f"hub/accept-share?code={code}"
    spelled = "".join(f"%{ord(char):02x}" for char in "shares")
    for path in (f"/api/shares/{code}", f"/api/{spelled}/{code}", f"/hub/accept-share?%63ode={code}", f"/{wanted}"):
        ask(plane.gateway, path, plane.bearer("bob"))
    with Client(plane.gateway) as stranger:
        asked = stranger.page(wanted)
        assert asked.status_code == 302
        stranger.page(asked.headers["location"].lstrip("/"))
    api(plane, "bob", "POST", f"api/shares/{code}/accept")
    api(plane, "admin", "DELETE", f"hub/api/share-codes/alice/?code={code}")
    time.sleep(1)
    text = plane.gateway.log(10_000_000)
    assert len(re.findall(r"/api/shares/-", text)) >= 2
    assert code not in text
