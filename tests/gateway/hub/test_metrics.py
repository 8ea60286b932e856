"""The hub's own numbers, and that their labels stay few."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from gateway.errors import Forbidden
from gateway.hookspecs import LoginRequest
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.hub.metrics import HANDLERS, Metrics, Now
from tests.gateway.hub.world import in_state

DAY = 86400.0


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_servers_users_and_the_queue(hub: Hub) -> None:
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    content_type, body = await hub.metrics.exposition()
    assert content_type.startswith("text/plain; version=")
    found = {s.name: s.value for f in text_string_to_metric_families(body.decode()) for s in f.samples if not s.labels}
    assert found["jupyterhub_running_servers"] == 1
    assert found["jupyterhub_total_users"] == 2
    assert found["hubgate_start_queue_length"] == 0
    assert value(hub.metrics, "jupyterhub_server_spawn_duration_seconds_count", status="success", reason="") == 1
    assert value(hub.metrics, "hubgate_start_phase_seconds_count", phase="booting") == 1
    assert value(hub.metrics, "jupyterhub_init_spawners_duration_seconds_count") == 1
    assert value(hub.metrics, "jupyterhub_hub_startup_duration_seconds_count") == 1


async def test_every_family_ends_as_openmetrics_wants(hub: Hub) -> None:
    content_type, body = await hub.metrics.exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


async def test_log_ins(hub: Hub) -> None:
    request = LoginRequest("192.0.2.7", {})
    for password in ("right", "wrong"):
        try:
            await hub.sessions.log_in("", {"username": "alice", "password": password}, request, "")
        except Forbidden:
            assert password == "wrong"
    assert value(hub.metrics, "jupyterhub_login_duration_seconds_count", status="success") == 1
    assert value(hub.metrics, "jupyterhub_login_duration_seconds_count", status="failure") == 1


def test_handlers_and_methods_are_few(hub: Hub) -> None:
    for number in range(HANDLERS + 100):
        hub.metrics.answered("BREW", f"api.Handler{number}", 418, 0.1)
    samples = [
        s for f in hub.metrics.registry.collect() if f.name == "jupyterhub_request_duration_seconds" for s in f.samples
    ]
    assert len({s.labels["handler"] for s in samples}) == HANDLERS + 1
    assert {s.labels["method"] for s in samples} == {"OTHER"}


def test_what_others_keep_is_read_when_asked_for() -> None:
    kept = [1.0]
    now = Now(gauges=(("a", "A", lambda: kept[0]),), counters=(("b", "B", lambda: 2.0),))
    kept[0] = 5.0
    assert [s.value for family in now.collect() for s in family.samples] == [5.0, 2.0]


async def test_names_are_of_two_prefixes(hub: Hub) -> None:
    names = {family.name for family in hub.metrics.registry.collect()}
    assert {name for name in names if not re.match(r"(jupyterhub|hubgate|process|python)_", name)} == set()
