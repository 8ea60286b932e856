"""The request log end to end: two workers, real requests, an administrator who looks, and no secret anywhere."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually
from tests.integration.wire import session

pytestmark = pytest.mark.sockets

SERVICE_TOKEN = "a-services-own-token-that-nobody-may-see"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {
        "gateway": {"workers": 2},
        "profiles": [PROFILE],
        "services": [{"name": "nobody", "api_token": SERVICE_TOKEN}],
        "traffic": {"log_file": "requests.jsonl"},
    }
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def token(gateway: Gateway) -> str:
    return gateway.run("token", "admin").stdout.strip()


def looked(gateway: Gateway, token: str, query: str = "") -> list[dict[str, Any]]:
    headers = {"Host": gateway.authority, "Authorization": f"token {token}"}
    answer = httpx.get(gateway.url(f"hub/api/traffic/requests?{query}"), headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_what_happens_is_seen_and_no_secret_is(gateway: Gateway, token: str) -> None:
    with Client(gateway) as client:
        client.log_in()
        client.start_server()
        for number in range(20):
            assert client.http.get(client.server(f"page-{number}?token=secret-in-a-query")).status_code == 200
        client.http.get("user/bob/x")
        cookie = session(client)

    def pages() -> list[dict[str, Any]]:
        return looked(gateway, token, "server=admin/&path=/page-&limit=100")

    eventually(lambda: len(pages()) == 20, 15)
    assert {each["user"] for each in pages()} == {"admin"}
    assert {each["user"] for each in looked(gateway, token, "path=/hub/spawn&route=hub")} == {"admin"}
    everything = looked(gateway, token, "limit=1000")
    numbers = [each["number"] for each in everything]
    assert numbers == list(range(numbers[0], 0, -1))
    assert any(each["path"] == "/hub/login" and each["method"] == "POST" for each in everything)
    assert [each["status"] for each in everything if each["path"] == "/user/bob/x"] == [424]
    file = gateway.folder / "requests.jsonl"
    eventually(lambda: len(file.read_text("ascii").splitlines()) >= len(everything), 5)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {json.loads(line)["worker"] for line in file.read_text("ascii").splitlines()} <= {"1", "2"}
    texts = {
        "the ring": json.dumps(everything),
        "the log": gateway.log(10**7),
        "the log file": file.read_text("ascii"),
        "the metrics": metrics(gateway, token),
        "the audit": gateway.run("audit", "export").stdout,
    }
    assert '"hub.start"' in texts["the audit"] and "requests.jsonl" in texts["the audit"]
    for secret in (gateway.admin_password, cookie, token, "secret-in-a-query", SERVICE_TOKEN):
        assert [place for place, text in texts.items() if secret in text] == []


def test_it_is_seen_as_it_happens(gateway: Gateway, token: str) -> None:
    headers = {"Host": gateway.authority, "Authorization": f"token {token}"}
    url = gateway.url("hub/api/traffic/requests/stream?path=/nowhere-")
    with (
        httpx.Client(trust_env=False, timeout=10, headers=headers) as watcher,
        watcher.stream("GET", url) as stream,
    ):
        lines = stream.iter_lines()
        began = time.monotonic()
        assert httpx.get(gateway.url("nowhere-1"), headers={"Host": gateway.authority}).status_code == 404
        data = next(line for line in lines if line.startswith("data:"))
    assert [each["path"] for each in json.loads(data.removeprefix("data:"))["requests"]] == ["/nowhere-1"]
    assert time.monotonic() - began < 3


def metrics(gateway: Gateway, token: str) -> str:
    headers = {"Host": gateway.authority, "Authorization": f"Bearer {token}"}
    answer = httpx.get(gateway.url("hub/metrics"), headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.text


def scraped(gateway: Gateway, token: str) -> dict[str, float]:
    """Sample to value; of all workers together."""
    result: dict[str, float] = {}
    for family in text_string_to_metric_families(metrics(gateway, token)):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "worker"}
            name = f"{sample.name}{json.dumps(labels, sort_keys=True)}"
            result[name] = result.get(name, 0) + sample.value
    return result


def test_metrics_of_all_workers(gateway: Gateway, token: str) -> None:
    name = 'hubgate_requests_total{"kind": "none", "lane": "gate", "method": "OTHER", "status": "4xx"}'
    before = scraped(gateway, token).get(name, 0)
    for _ in range(20):  # a connection each, so that both workers get some
        headers = {"Host": gateway.authority}
        assert httpx.request("PROPFIND", gateway.url("nowhere"), headers=headers, trust_env=False).status_code == 404
    eventually(lambda: scraped(gateway, token).get(name, 0) == before + 20, 10)
    found = scraped(gateway, token)
    assert found["hubgate_workers{}"] == 2
    assert found["jupyterhub_running_servers{}"] == 1
    assert found["jupyterhub_total_users{}"] == 1
    assert found['hubgate_decisions_total{"outcome": "path"}'] >= 20
    assert found["hubgate_connections{}"] >= 0
    eventually(lambda: scraped(gateway, token).get("hubgate_channel_round_trip_seconds{}", 0) > 0, 10)
    assert not any("PROPFIND" in each for each in found)


def audited(gateway: Gateway, action: str) -> list[dict[str, Any]]:
    entries = map(json.loads, gateway.run("audit", "export").stdout.splitlines())
    return [entry for entry in entries if entry["action"] == action]


def test_who_enters_whose_server_is_audited(gateway: Gateway) -> None:
    """By whom and as what; and a token's use at an address where it was never used before."""
    password = gateway.run("user", "add", "bob").stdout.strip()
    mine = gateway.run("token", "admin", "--note", "mine").stdout.strip()
    with Client(gateway) as bob, Client(gateway) as admin:
        bob.log_in("bob", password)
        bob.start_server()
        admin.log_in()
        url = gateway.url("user/bob/page")
        assert admin.http.get(url).status_code == 200
        for _ in range(3):
            headers = {"Host": gateway.authority, "Authorization": f"token {mine}"}
            assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
        admin.page("hub/logout")
    eventually(lambda: audited(gateway, "server.enter") and audited(gateway, "token.used"), 15)
    (entry,) = audited(gateway, "server.enter")
    assert (entry["actor"], entry["subject"]) == ("user:admin", "bob/")
    # The worker that tells first says how.
    assert entry["detail"] in ("as administrator, by session", "as administrator, by token")
    ids = [e["detail"].split()[0] for e in audited(gateway, "token.add")]
    uses = audited(gateway, "token.used")
    assert {e["subject"] for e in uses} <= set(ids)
    assert {e["detail"] for e in uses} == {"127.0.0.1"}
    assert gateway.run("audit", "verify").returncode == 0


def test_metrics_are_for_those_with_the_scope(gateway: Gateway) -> None:
    narrow = gateway.run("token", "admin", "--scope", "read:traffic").stdout.strip()
    for headers in ({}, {"Authorization": f"token {narrow}"}):
        answer = httpx.get(gateway.url("hub/metrics"), headers={"Host": gateway.authority, **headers}, trust_env=False)
        assert answer.status_code == 403


def test_the_lines_outlive_a_hub(gateway: Gateway, token: str) -> None:
    """What workers served while the hub was away is told afterwards."""
    os.kill(gateway.pid("hub"), signal.SIGKILL)
    headers = {"Host": gateway.authority}
    # What was on its way to it is lost; what comes once a worker knows is not.
    health = gateway.url("hub/health?worker=1")
    eventually(lambda: httpx.get(health, headers=headers, trust_env=False).status_code == 503, 5)
    assert httpx.get(gateway.url("without-a-hub"), headers=headers, trust_env=False).status_code == 404

    def told() -> bool:
        answer = httpx.get(
            gateway.url("hub/api/traffic/requests?path=/without-a-hub&status=404"),
            headers=headers | {"Authorization": f"token {token}"},
            trust_env=False,
        )
        return answer.status_code == 200 and len(answer.json()["items"]) == 1

    eventually(told, 15, lambda: str(looked(gateway, token, "limit=30")) + gateway.log(3000))
