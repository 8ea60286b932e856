"""Who gets the numbers, and that there is nothing else in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client.parser import text_string_to_metric_families

from gateway.hub.core import Hub
from tests.api.person import FETCH, Person

type Program = Callable[..., Awaitable[Person]]

PATH = "hub/metrics"


async def test_a_scraper_with_the_scope(program: Program) -> None:
    answer = await (await program("root", "read:metrics")).send("GET", PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"jupyterhub_running_servers", "hubgate_requests", "process_cpu_seconds"} <= names


async def test_an_administrator_may_look_by_hand(root: Person) -> None:
    assert (await root.page(PATH)).status_code == 200


async def test_others_may_not(stranger: Person, alice: Person, program: Program) -> None:
    for caller in (stranger, alice, await program("alice"), await program("root", "read:traffic", "admin:users")):
        assert (await caller.send("GET", PATH)).status_code == 403


async def test_no_script_of_a_page_may_read_them(root: Person) -> None:
    assert (await root.send("GET", PATH, headers=FETCH)).status_code == 403


async def test_nobody_is_named(hub: Hub, program: Program) -> None:
    await hub.servers.start("alice")
    text = (await (await program("root", "read:metrics")).send("GET", PATH)).text
    for name in ("alice", "root", "bob"):
        assert name not in text
