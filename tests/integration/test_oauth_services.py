"""Services that others wrote, as they are, run by the gateway: `HubOAuthenticated`, `HubOAuth` in Flask, one of PyPI.

The fourth, the idle culler, has `test_culler`.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration import oauthservices
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port
from tests.integration.hubaware import PASSWORD, python

pytestmark = [pytest.mark.sockets, pytest.mark.conformance]

SOURCES = {"tornado": oauthservices.TORNADO, "flask": oauthservices.FLASK}
NEWS = "announcement"
NAMES = (*SOURCES, NEWS)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder, program = tmp_path_factory.mktemp("services"), str(python())
    ports = {name: free_port() for name in NAMES}
    commands = {NEWS: [program, "-m", "jupyterhub_announcement", f"--AnnouncementService.port={ports[NEWS]}"]}
    for name, source in SOURCES.items():
        (folder / f"{name}_service.py").write_text(source, "utf-8")
        commands[name] = [program, str(folder / f"{name}_service.py")]
    settings = {
        "authenticator": {
            "plugin": "dummy",
            "dummy": {"password": PASSWORD},
            "admin_users": ["admin"],
            "allowed_users": ["alice", "bob"],
        },
        "services": [
            {
                "name": name,
                "url": f"http://127.0.0.1:{ports[name]}",
                "command": commands[name],
                "cwd": str(folder),
                "oauth_no_confirm": name == "flask",
            }
            for name in NAMES
        ],
        "roles": [{"name": "visitors", "scopes": ["access:services"], "users": ["alice"]}],
    }
    with Gateway(folder / "gw", settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def alice(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in("alice", PASSWORD)
        yield client


def log(gateway: Gateway, name: str) -> str:
    path = gateway.data_dir / f"logs/services/{name}.log"
    return path.read_text("utf-8") if path.exists() else ""


def visited(client: Client, name: str) -> httpx.Response:
    """Go there, and agree where that is asked for."""
    gateway = client.gateway
    answers = lambda: client.page(f"services/{name}/").status_code not in (502, 503)  # noqa: E731
    eventually(answers, 60, lambda: log(gateway, name) + gateway.log())
    answer = client.page(f"services/{name}/", follow_redirects=True)
    if answer.url.path == "/hub/api/oauth2/authorize":
        assert name != "flask"
        agreed = client.submit(f"hub/api/oauth2/authorize?{answer.url.query.decode()}", {})
        answer = client.page(agreed.headers["location"].removeprefix("/"), follow_redirects=True)
    return answer


@pytest.mark.parametrize("name", SOURCES)
def test_a_service_learns_who_visits_it(alice: Client, name: str) -> None:
    answer = visited(alice, name)
    assert answer.status_code == 200, answer.text + log(alice.gateway, name)
    who = answer.json()
    assert (who["kind"], who["name"], who["admin"], who["groups"]) == ("user", "alice", False, [])
    assert set(who["scopes"]) == {
        f"access:services!service={name}",
        "read:users:name!user=alice",
        "read:users:groups!user=alice",
    }
    assert who["session_id"]
    again = alice.page(f"services/{name}/")
    assert again.json()["name"] == "alice"


def test_one_of_pypi_shows_its_page(alice: Client) -> None:
    answer = visited(alice, NEWS)
    assert answer.status_code == 200, answer.text + log(alice.gateway, NEWS)
    assert "alice" in answer.text
    assert alice.http.get(f"services/{NEWS}/latest").json() == {"announcement": ""}


@pytest.mark.parametrize("name", NAMES)
def test_who_lacks_the_scope_does_not_even_reach_it(gateway: Gateway, name: str) -> None:
    with Client(gateway) as bob:
        bob.log_in("bob", PASSWORD)
        assert bob.page(f"services/{name}/").status_code == 403
        asked = f"hub/api/oauth2/authorize?client_id=service-{name}&response_type=code"
        assert bob.page(asked).status_code == 403


def test_a_program_visits_it_by_token(gateway: Gateway, alice: Client) -> None:
    visited(alice, "tornado")
    token = gateway.run("token", "alice", "--scope", "access:services!service=tornado").stdout.strip()
    headers = {"Authorization": f"token {token}", "Host": gateway.authority}
    answer = httpx.get(gateway.url("services/tornado/"), headers=headers, trust_env=False)
    assert answer.json()["name"] == "alice"
    assert httpx.get(gateway.url("services/flask/"), headers=headers, trust_env=False).status_code == 403


def test_after_the_log_out_each_asks_again(gateway: Gateway, alice: Client) -> None:
    visited(alice, "tornado")
    assert alice.page("hub/logout").status_code == 302
    assert alice.page("services/tornado/").headers["location"].startswith("/hub/login")
    alice.log_in("alice", PASSWORD)
    answer = alice.page("services/tornado/")
    assert answer.headers["location"].startswith("/hub/api/oauth2/authorize?client_id=service-tornado")
    assert visited(alice, "tornado").json()["name"] == "alice"
