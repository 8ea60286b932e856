"""Services behind a real gateway: who gets there, what arrives, and the life of those that it runs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port, toml

pytestmark = pytest.mark.sockets

TELL = "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(600)"
"""Says what it finds around it, and sleeps."""
TOKEN = "a-token-of-the-settings"


def echoing(name: str, port: int) -> dict[str, Any]:
    command = [sys.executable, str(Path(echo.__file__)), "127.0.0.1", str(port), f"/services/{name}/"]
    return {"name": name, "url": f"http://127.0.0.1:{port}", "command": command}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    services = [
        echoing("echo", free_port()),
        {"name": "tell", "command": [sys.executable, "-c", TELL], "admin": True, "env": {"MINE": "x"}},
        {"name": "ci", "admin": True, "api_token": TOKEN},
        {"name": "away", "url": f"http://127.0.0.1:{free_port()}"},
    ]
    profiles = [echo.PROFILE]
    with Gateway(tmp_path_factory.mktemp("gw"), {"services": services, "profiles": profiles}) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        eventually(lambda: client.http.get("services/echo/").status_code == 200, 20, gateway.log)
        yield client


@pytest.fixture(scope="module")
def alice(gateway: Gateway) -> Iterator[Client]:
    password = "a password of alice's"
    assert gateway.run("user", "add", "alice", "--password-stdin", "-c", "hubgate.toml", input=password).returncode == 0
    with Client(gateway) as client:
        client.log_in("alice", password)
        yield client


def api(gateway: Gateway, method: str, path: str, token: str = TOKEN, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, gateway.url(path), headers=headers, trust_env=False, timeout=30, **more)


def service(gateway: Gateway, name: str) -> dict[str, Any]:
    found = api(gateway, "GET", f"api/services/{name}")
    assert found.status_code == 200, found.text
    return dict(found.json())


def environment(gateway: Gateway, name: str = "tell") -> dict[str, str]:
    """What the newest process of a service that tells has found."""
    lines = (gateway.data_dir / "logs/services" / f"{name}.log").read_text().splitlines()
    return dict(json.loads(next(line for line in reversed(lines) if line.startswith("{"))))


# ── visits ───────────────────────────────────────────────────────────────────


def test_what_arrives_at_a_service(gateway: Gateway, admin: Client) -> None:
    admin.http.cookies.set("mine", "1")
    told = admin.http.get("services/echo/deep/a%2Fb?x=1", headers={"X-Hubgate-User": "root"}).json()
    assert "headers" in told, told
    headers = [name for name, _ in told["headers"]]
    found = dict(told["headers"])
    assert told["target"] == "/services/echo/deep/a%2Fb?x=1"
    assert found["x-hubgate-user"] == "admin" and headers.count("x-hubgate-user") == 1
    assert found["x-forwarded-prefix"] == "/services/echo"
    assert "x-hubgate-identity" in found
    assert "authorization" not in found
    # The first is a number by which a client of OAuth notices another log-in (docs/oauth.md).
    assert [each.partition("=")[0] for each in found["cookie"].split("; ")] == ["jupyterhub-session-id", "mine"]
    by_token = dict(api(gateway, "GET", "services/echo/").json()["headers"])
    # A program is told by its token, as services know it from JupyterHub.
    assert "authorization" in by_token and "x-hubgate-user" not in by_token


def test_what_a_service_says_to_browsers_is_for_its_own_path(admin: Client) -> None:
    headers = ["Set-Cookie:hubgate-session=x; Path=/", "Set-Cookie:a=b; Path=/", "Clear-Site-Data:*"]
    answer = admin.http.get("services/echo/", params={"header": headers})
    assert answer.headers.get_list("set-cookie") == ["a=b; Path=/services/echo/"]
    assert "clear-site-data" not in answer.headers


def test_who_may_not_visit(gateway: Gateway, alice: Client, admin: Client) -> None:
    for name in ("echo", "tell", "ci", "nothing"):
        assert alice.http.get(f"services/{name}/").status_code == 403
        assert httpx.get(gateway.url(f"services/{name}/"), trust_env=False).status_code == 403
    assert admin.http.get("services/tell/").status_code == 404
    assert admin.http.get("services/away/").status_code == 503
    assert admin.http.get("services/echo").headers["location"] == "/services/echo/"


def test_a_websocket_passes(gateway: Gateway, admin: Client) -> None:
    from websockets.sync.client import connect

    cookie = "; ".join(f"{name}={value}" for name, value in admin.http.cookies.items())
    headers = {"Cookie": cookie, "Origin": gateway.origin}
    url = gateway.url("services/echo/ws").replace("http", "ws", 1)
    with connect(url, additional_headers=headers, proxy=None) as socket:
        assert json.loads(socket.recv())["target"] == "/services/echo/ws"
        socket.send("hello")
        assert socket.recv() == "hello"


def test_where_no_service_may_lead(gateway: Gateway, admin: Client, alice: Client) -> None:
    """To the gateway itself, by whatever name, and to a user's server."""
    alice.start_server()
    (server,) = [p for p in gateway.servers() if "JUPYTER_TOKEN" in p.environ()]
    ports = {"gateway": gateway.port, "server": int(server.environ()["SERVER_PORT"])}
    hosts = ("127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "127.1")
    for what, port in ports.items():
        for host in hosts:
            made = api(gateway, "POST", "api/services/evil", json={"url": f"http://{host}:{port}"})
            if made.status_code == 400:  # no address as they are written
                continue
            assert made.status_code == 201, made.text
            eventually(lambda: admin.http.get("services/evil/").status_code != 404, 5)
            answer = admin.http.get("services/evil/")
            assert answer.status_code == 503, (what, host, answer.status_code, answer.text)
            assert api(gateway, "DELETE", "api/services/evil").status_code == 204


# ── what the gateway runs ────────────────────────────────────────────────────


def test_what_a_service_finds_around_it(gateway: Gateway, admin: Client) -> None:
    found = environment(gateway)
    assert (found["MINE"], found["JUPYTERHUB_SERVICE_NAME"]) == ("x", "tell")
    assert found["JUPYTERHUB_API_URL"] == f"http://127.0.0.1:{gateway.port}/hub/api"
    assert not [name for name in found if name.startswith(("HUBGATE_", "PYTHON"))]
    allowed = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "LANGUAGE", "VIRTUAL_ENV", "MINE"}
    assert not [n for n in found if n not in allowed and not n.startswith(("JUPYTERHUB_", "LC_", "SERVER_", "JPY_"))]
    headers = {"Authorization": f"token {found['JUPYTERHUB_API_TOKEN']}"}
    me = httpx.get(f"{found['JUPYTERHUB_API_URL']}/user", headers=headers, trust_env=False)
    assert (me.json()["kind"], me.json()["name"]) == ("service", "tell")
    assert httpx.get(f"{found['JUPYTERHUB_API_URL']}/users", headers=headers, trust_env=False).status_code == 200


def test_it_inherits_no_descriptor_and_has_a_session_of_its_own(gateway: Gateway) -> None:
    pid = service(gateway, "tell")["pid"]
    assert os.getsid(pid) == pid
    links = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    assert not [link for link in links if link.startswith("socket:")]
    assert links <= {"/dev/null", str(gateway.data_dir / "logs/services/tell.log")}


def test_its_status_is_told(gateway: Gateway, admin: Client) -> None:
    eventually(lambda: service(gateway, "echo")["info"]["status"] == "up", 10)
    echo_, tell, ci = (service(gateway, name) for name in ("echo", "tell", "ci"))
    assert [each["managed"] for each in (echo_, tell, ci)] == [True, True, False]
    assert [each["info"]["status"] for each in (tell, ci)] == ["up", "unknown"]
    eventually(lambda: service(gateway, "away")["info"]["status"] == "down", 10)
    assert psutil.Process(echo_["pid"]).environ()["JUPYTERHUB_SERVICE_NAME"] == "echo"


def test_it_is_started_again_with_a_new_token(gateway: Gateway, admin: Client) -> None:
    before, old = service(gateway, "tell")["pid"], environment(gateway)["JUPYTERHUB_API_TOKEN"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: service(gateway, "tell")["pid"] not in (0, before), 10, gateway.log)
    eventually(lambda: environment(gateway)["JUPYTERHUB_API_TOKEN"] != old, 10)
    assert api(gateway, "GET", "hub/api/user", old).status_code == 403
    assert api(gateway, "GET", "hub/api/user", environment(gateway)["JUPYTERHUB_API_TOKEN"]).status_code == 200


def test_it_survives_the_hub_and_is_never_doubled(gateway: Gateway, admin: Client) -> None:
    before = {name: service(gateway, name)["pid"] for name in ("echo", "tell")}
    hub = gateway.pid("hub")
    os.kill(hub, signal.SIGKILL)
    assert admin.http.get("services/echo/").status_code == 200
    eventually(lambda: gateway.pid("hub") != hub and gateway.healthy(), 20, gateway.log)
    assert {name: service(gateway, name)["pid"] for name in ("echo", "tell")} == before
    names = [p.environ().get("JUPYTERHUB_SERVICE_NAME") for p in gateway.alive()]
    assert sorted(filter(None, names)) == ["echo", "tell"]
    assert api(gateway, "GET", "hub/api/user", environment(gateway)["JUPYTERHUB_API_TOKEN"]).status_code == 200


def test_new_settings_by_sighup(gateway: Gateway, admin: Client) -> None:
    """What has changed is started anew, what has not runs on, what is gone is stopped."""
    kept, changed = service(gateway, "echo")["pid"], service(gateway, "tell")["pid"]
    services = [each for each in gateway.settings["services"] if each["name"] != "away"]
    services[1] = services[1] | {"env": {"MINE": "y"}}
    (gateway.folder / "hubgate.toml").write_text(toml(gateway.settings | {"services": services}))
    hub = gateway.pid("hub")
    os.kill(gateway.pid("supervisor"), signal.SIGHUP)
    eventually(lambda: gateway.pid("hub") != hub and gateway.healthy(), 20, gateway.log)
    eventually(lambda: service(gateway, "tell")["pid"] not in (0, changed), 10, gateway.log)
    eventually(lambda: environment(gateway)["MINE"] == "y", 10)
    assert service(gateway, "echo")["pid"] == kept
    assert not psutil.pid_exists(changed)
    assert api(gateway, "GET", "api/services/away").status_code == 404


def test_it_is_the_gateways_own_whosever_users_servers_are(tmp_path: Path) -> None:
    services = [
        {"name": "tell", "command": [sys.executable, "-c", TELL]},
        {"name": "ci", "admin": True, "api_token": TOKEN},
    ]
    settings = {"spawner": {"plugin": "local", "local": {"user": "system", "umask": "027"}}, "services": services}
    with Gateway(tmp_path / "gw", settings) as gateway:
        eventually(lambda: service(gateway, "tell")["pid"], 10, gateway.log)
        assert psutil.Process(service(gateway, "tell")["pid"]).uids().real == os.geteuid()


# ── limits ───────────────────────────────────────────────────────────────────


def test_a_credential_may_come_so_often(tmp_path: Path) -> None:
    settings = {"limits": {"requests_per_second": 0.5}, "services": [{"name": "ci", "admin": True, "api_token": TOKEN}]}
    with Gateway(tmp_path / "gw", settings) as gateway:
        value = gateway.run("token", "admin", "-c", "hubgate.toml").stdout.strip()
        began = time.monotonic()
        answers = [api(gateway, "GET", "hub/api/user", value) for _ in range(20)]
        allowed = 5 + (time.monotonic() - began) * 0.5
        served = [each.status_code for each in answers].count(200)
        assert 5 <= served <= allowed + 1
        refused = answers[-1]
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        assert "[limits] requests_per_second" in refused.json()["message"]
        assert {api(gateway, "GET", "hub/api/user").status_code for _ in range(20)} == {200}
