"""Every call of docs/api.md from a plain script with a token, on a gateway with its defaults: alice comes, works, goes.

One after another, as the page tells it; what a call changes is looked at by another one. Strangers may ask for
accounts, which is no default. Then what goes with it on a real gateway only: custom routes, sessions and servers that
end, and the end of the gateway itself.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port

pytestmark = pytest.mark.sockets

DOCUMENTED = Path(__file__).parents[2] / "docs/api.md"


class Script:
    """Calls the API with a token, and remembers which calls it made."""

    made: set[tuple[str, str]] = set()  # noqa: RUF012  # one for all

    def __init__(self, gateway: Gateway, token: str) -> None:
        self.gateway = gateway
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(
        self, method: str, path: str, /, json: Any = None, status: int | Container[int] = 200, **names: str
    ) -> Any:
        """`path` as the documentation writes it; its fields are filled from `names`."""
        self.made.add((method, path))
        target = self.gateway.url("api" + path.format(**names))
        answer = httpx.request(
            method, target, json=json, headers=self.headers, trust_env=False, timeout=60, follow_redirects=False
        )
        expected = answer.status_code in ((status,) if isinstance(status, int) else status)
        assert expected, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return [loads(event) for event in re.findall(r"^data: *(.*)$", answer.text, re.MULTILINE)]
        return answer.json() if answer.content else None

    def started(self, name: str) -> Any:
        """Their server, which runs; on a slow machine it takes longer than the call waits (202)."""
        self.call("POST", "/users/{name}/server", {"user_options": {}}, name=name, status=(201, 202))
        eventually(lambda: self.call("GET", "/users/{name}/server", name=name)["ready"], 60)
        return self.call("GET", "/users/{name}/server", name=name)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), {"authenticator": {"native": {"signup": True}}}) as gateway:
        yield gateway


def token_of(gateway: Gateway, name: str) -> str:
    made = gateway.run("token", name, "-c", str(gateway.folder / "hubgate.toml"))
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Script:
    return Script(gateway, token_of(gateway, "admin"))


@contextmanager
def target() -> Iterator[str]:
    """Something that says what it was sent; its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(Path(echo.__file__)), "127.0.0.1", str(port), "/"])
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(address), 20)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


# ── one after another ────────────────────────────────────────────────────────


def test_alice_comes(admin: Script) -> None:
    assert admin.call("POST", "/users/{name}", name="alice", status=201)["admin"] is False
    admin.call("POST", "/users/{name}", name="alice", status=409)
    users = admin.call("GET", "/users")
    assert [user["name"] for user in users] == ["admin", "alice"]
    alice = admin.call("GET", "/users/{name}", name="alice")
    whole = {"name", "admin", "groups", "roles", "server", "pending", "created", "last_activity", "servers"}
    assert whole <= set(alice)
    assert admin.call("PATCH", "/users/{name}", {"admin": True}, name="alice")["admin"] is True
    assert admin.call("PATCH", "/users/{name}", {"admin": False}, name="alice")["admin"] is False
    both = {"usernames": ["alice", "eve"]}
    assert [user["name"] for user in admin.call("POST", "/users", both, status=201)] == ["eve"]
    admin.call("POST", "/users", both, status=409)
    admin.call("DELETE", "/users/{name}", name="eve", status=204)


def test_strangers_ask_for_accounts(gateway: Gateway, admin: Script) -> None:
    assert admin.call("GET", "/signups") == []
    for name in ("carol", "mallory"):
        with Client(gateway) as stranger:
            password = "a quite long one"
            fields = {"username": name, "password": password, "again": password}
            assert stranger.submit("hub/signup", fields).status_code == 200
    asked = admin.call("GET", "/signups")
    assert [(each["name"], each["authenticator"]) for each in asked] == [("carol", "native"), ("mallory", "native")]
    assert admin.call("GET", "/signups/{name}", name="carol") == asked[0]
    assert admin.call("POST", "/signups/{name}", name="carol", status=201) == asked[0]
    admin.call("DELETE", "/signups/{name}", name="mallory", status=204)
    assert admin.call("GET", "/signups") == []
    admin.call("DELETE", "/users/{name}", name="carol", status=204)


def test_pages_of_users(gateway: Gateway, admin: Script) -> None:
    url, names = gateway.url("api/users?limit=1"), []
    while url:
        answer = httpx.get(url, headers=admin.headers, trust_env=False)
        names += [user["name"] for user in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert names == ["admin", "alice"]


@pytest.fixture(scope="module")
def alice(gateway: Gateway, admin: Script) -> Script:
    """With a token that the administrator makes."""
    wish = {"expires_in": 3600, "note": "for the script"}
    made = admin.call("POST", "/users/{name}/tokens", wish, name="alice", status=201)
    listed = admin.call("GET", "/users/{name}/tokens", name="alice")
    assert [(each["id"], each["note"], "token" in each) for each in listed] == [(made["id"], "for the script", False)]
    return Script(gateway, made["token"])


def test_a_token_is_revoked(admin: Script) -> None:
    made = admin.call("POST", "/users/{name}/tokens", {"note": "short-lived"}, name="alice", status=201)
    names = {"name": "alice", "token": made["id"]}
    assert admin.call("GET", "/users/{name}/tokens/{token}", **names)["note"] == "short-lived"
    admin.call("DELETE", "/users/{name}/tokens/{token}", **names, status=204)
    admin.call("GET", "/users/{name}/tokens/{token}", **names, status=404)


def test_who_am_i(alice: Script) -> None:
    assert set(alice.call("GET", "/")) == {"version", "hubgate_version"}
    assert "/users/{user}/activity" in alice.call("GET", "/openapi.json")["paths"]
    assert alice.call("GET", "/user")["name"] == "alice"
    assert alice.call("GET", "/info")["version"] == "6.1.1"


def test_a_server(gateway: Gateway, alice: Script) -> None:
    started = alice.started("alice")
    assert (started["name"], started["ready"], started["state"]) == ("", True, {})
    assert httpx.get(gateway.url("user/alice/api/status"), headers=alice.headers, trust_env=False).status_code == 200
    assert alice.call("GET", "/users/{name}/server/progress", name="alice")[-1]["ready"] is True
    assert alice.call("GET", "/users/{name}/server/log", name="alice")["lines"]
    alive = {"ends_at": None, "reason": ""}
    assert alice.call("GET", "/users/{name}/server/keep-alive", name="alice") == alive
    assert alice.call("POST", "/users/{name}/server/keep-alive", name="alice") == alive
    alice.call("POST", "/users/{name}/activity", {"last_activity": "2001-02-03T04:05:06Z"}, name="alice")
    assert not alice.call("GET", "/users/{name}", name="alice")["last_activity"].startswith("2001")
    alice.call("POST", "/users/{name}/server", {}, name="alice", status=400)
    alice.call("DELETE", "/users/{name}/server", name="alice", status=204)
    assert alice.call("GET", "/users/{name}", name="alice")["servers"] == {}
    alice.call("POST", "/users/{name}/server/keep-alive", name="alice", status=409)


def test_a_servers_record(alice: Script) -> None:
    names = {"name": "alice", "server": "gpu"}
    made = alice.call("PUT", "/users/{name}/servers/{server}", {"display_name": "Big"}, **names, status=201)
    assert (made["name"], made["display_name"], made["stopped"]) == ("gpu", "Big", True)
    alice.call("PUT", "/users/{name}/servers/{server}", {}, **names, status=409)
    assert alice.call("PATCH", "/users/{name}/servers/{server}", {"name": "small"}, **names)["name"] == "small"
    alice.call("DELETE", "/users/{name}/server", {"server_name": "small", "remove": True}, name="alice", status=204)


def test_groups(admin: Script) -> None:
    admin.call("POST", "/users/{name}", name="bob", status=201)
    admin.call("POST", "/groups", {"groups": ["tutors"]}, status=201)
    admin.call("POST", "/groups", {"groups": ["tutors"]}, status=409)
    admin.call("DELETE", "/groups/{group}", group="tutors", status=204)
    made = admin.call("POST", "/groups/{group}", {"users": ["alice"]}, group="students", status=201)
    admin.call("POST", "/groups/{group}", group="students", status=409)
    assert made["users"] == ["alice"]
    added = admin.call("POST", "/groups/{group}/users", {"users": ["bob"]}, group="students")
    assert added["users"] == ["alice", "bob"]
    assert [group["name"] for group in admin.call("GET", "/groups")] == ["students"]
    assert admin.call("DELETE", "/groups/{group}/users", {"users": ["bob"]}, group="students")["users"] == ["alice"]
    assert admin.call("GET", "/groups/{group}", group="students")["properties"] == {}
    room = {"room": 7}
    assert admin.call("PUT", "/groups/{group}/properties", room, group="students")["properties"] == room
    assert admin.call("GET", "/users/{name}", name="alice")["groups"] == ["students"]
    admin.call("DELETE", "/groups/{group}", group="students", status=204)
    assert {"admin", "user"} <= {role["name"] for role in admin.call("GET", "/roles")}


def test_services(admin: Script) -> None:
    made = admin.call("POST", "/services/{service}", {"url": "http://192.0.2.1:9000"}, service="files", status=201)
    assert (made["managed"], made["pid"], made["prefix"]) == (False, 0, "/services/files/")
    assert [service["name"] for service in admin.call("GET", "/services")] == ["files"]
    assert "status" in admin.call("GET", "/services/{service}", service="files")["info"]
    admin.call("DELETE", "/services/{service}", service="files", status=204)
    admin.call("GET", "/services/{service}", service="files", status=404)


def test_alice_accepts_a_share_of_the_admins_server(gateway: Gateway, admin: Script, alice: Script) -> None:
    alice.call("POST", "/shares", {}, status=403)
    admin.started("admin")
    where = gateway.url("user/admin/api/status")
    assert httpx.get(where, headers=alice.headers, trust_env=False).status_code == 403
    made = admin.call("POST", "/shares", {"expires_in": 600}, status=201)
    code = made["code"]
    assert alice.call("GET", "/shares/{code}", code=code)["server"]["user"]["name"] == "admin"
    admin.call("POST", "/shares/{code}/accept", code=code, status=400)
    accepted = alice.call("POST", "/shares/{code}/accept", code=code)
    assert alice.call("POST", "/shares/{code}/accept", code=code) == accepted
    assert accepted["url"].endswith("/user/admin/")
    alice.call("POST", "/shares/{code}/accept", code="x" * len(code), status=404)
    assert httpx.get(where, headers=alice.headers, trust_env=False).status_code == 200
    assert [each["id"] for each in admin.call("GET", "/shares")] == [made["id"]]
    (shared,) = alice.call("GET", "/users/{name}/shared", name="alice")
    assert (shared["server"]["user"]["name"], shared["kind"]) == ("admin", "user")
    of = {"owner": "admin", "server": ""}
    assert alice.call("GET", "/users/{name}/shared/{owner}/{server}", name="alice", **of) == shared
    alice.call("DELETE", "/users/{name}/shared/{owner}/{server}", name="alice", **of, status=204)
    assert alice.call("GET", "/users/{name}/shared", name="alice") == []
    assert alice.call("POST", "/shares/{code}/accept", code=code) == accepted
    admin.call("DELETE", "/shares/{code}", code=code, status=204)
    eventually(lambda: httpx.get(where, headers=alice.headers, trust_env=False).status_code == 403, 2)
    admin.call("DELETE", "/users/{name}/server", name="admin", status=204)


def test_a_group_has_a_share(admin: Script) -> None:
    admin.call("POST", "/groups/{group}", group="team", status=201)
    admin.call("POST", "/shares", {"handler": "direct", "with_group": "team"}, status=201)
    (shared,) = admin.call("GET", "/groups/{group}/shared", group="team")
    assert (shared["group"], shared["kind"]) == ({"name": "team"}, "group")
    of = {"group": "team", "owner": "admin", "server": ""}
    assert admin.call("GET", "/groups/{group}/shared/{owner}/{server}", **of) == shared
    admin.call("DELETE", "/groups/{group}/shared/{owner}/{server}", **of, status=204)
    assert admin.call("GET", "/groups/{group}/shared", group="team") == []


def test_the_hub(admin: Script, alice: Script) -> None:
    assert admin.call("GET", "/hub/info")["spawner"] == "local"
    assert admin.call("GET", "/hub/queue")["waiting"] == []
    assert len(admin.call("GET", "/hub/workers")) == 1
    assert admin.call("PUT", "/hub/announcement", {"text": "Tea at five"})["text"] == "Tea at five"
    assert alice.call("GET", "/hub/announcement")["text"] == "Tea at five"
    admin.call("PUT", "/hub/starts", {"enabled": False, "message": "Tea"})
    assert "Tea" in alice.call("POST", "/users/{name}/server", name="alice", status=503)["message"]
    assert admin.call("GET", "/hub/starts")["enabled"] is False
    admin.call("PUT", "/hub/starts", {"enabled": True})


def test_a_custom_route(gateway: Gateway, admin: Script, alice: Script) -> None:
    cookie = {"Cookie": f"hubgate-session={'a' * 43}; theirs=1"}
    with target() as address:
        for access, who, status in (
            ("public", {}, 200),
            ("public", cookie, 200),
            ("authenticated", {}, 403),
            ("authenticated", alice.headers, 200),
            ("admin", alice.headers, 403),
            ("admin", admin.headers, 200),
        ):
            wish = {"path": "/tools/echo", "target": address, "access": access}
            assert admin.call("POST", "/proxy", wish, status=201)["path"] == "/tools/echo/"
            admin.call("POST", "/proxy", wish, status=409)
            assert admin.call("GET", "/proxy")["/tools/echo/"]["target"] == address
            where = gateway.url("tools/echo/x")
            answer = eventually(lambda: settled(where, who, status), 5, f"{access} {who}")  # noqa: B023
            if status == 200:
                got = {name.lower(): value for name, value in answer.json()["headers"]}
                assert "authorization" not in got
                assert "hubgate-session" not in got.get("cookie", "")
                assert ("x-hubgate-user" in got) is ("Authorization" in who)
            admin.call("DELETE", "/proxy/{path}", path="tools/echo", status=204)
        admin.call("DELETE", "/proxy/{path}", path="tools/echo/", status=404)


def settled(where: str, headers: dict[str, str], status: int) -> httpx.Response | None:
    """The answer once the workers have the route; before that there is nothing at the address."""
    answer = httpx.get(where, headers=headers, trust_env=False)
    return answer if answer.status_code == status else None


def test_no_route_leads_back(gateway: Gateway, admin: Script) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1"):
        admin.call("POST", "/proxy", {"path": "/x", "target": f"http://{host}:{gateway.port}"}, status=400)
    for path in ("/", "/hub/x", "/api", "/user/alice", "/services/x", "/a/../hub", "/a//b"):
        admin.call("POST", "/proxy", {"path": path, "target": "http://192.0.2.1:9"}, status=400)


def test_sessions(gateway: Gateway, admin: Script) -> None:
    with Client(gateway) as client:
        client.log_in()
        (session,) = admin.call("GET", "/users/{name}/sessions", name="admin")
        assert session["address"] == "127.0.0.1"
        assert admin.call("GET", "/users/{name}/sessions/{session}", name="admin", session=session["id"]) == session
        admin.call("DELETE", "/users/{name}/sessions/{session}", name="admin", session=session["id"], status=204)
        assert client.page("hub/home").status_code == 302
        client.http.cookies.clear()
        client.log_in()
        admin.call("DELETE", "/users/{name}/sessions", name="admin", status=204)
        assert client.page("hub/home").status_code == 302


def test_a_password(admin: Script) -> None:
    password = {"password": "a quite long one for alice"}
    admin.call("PUT", "/users/{name}/password", password, name="alice", status=204)
    admin.call("PUT", "/users/{name}/password", {"password": "short"}, name="alice", status=400)


def test_alice_is_disabled_and_goes(gateway: Gateway, admin: Script, alice: Script) -> None:
    alice.started("alice")
    assert admin.call("PATCH", "/users/{name}", {"disabled": True}, name="alice")["disabled"] is True
    alice.call("GET", "/user", status=401)
    where = gateway.url("user/alice/api/status")
    eventually(lambda: httpx.get(where, headers=alice.headers, trust_env=False).status_code == 403, 2)
    eventually(lambda: gateway.servers() == [], 20)
    admin.call("DELETE", "/users/{name}", name="alice", status=204)
    admin.call("GET", "/users/{name}", name="alice", status=404)


def test_every_documented_call_was_made(admin: Script, gateway: Gateway) -> None:
    """All but the last one, which would end the gateway of the others; it has a test of its own below."""
    rows = re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) `([^`]+)`", DOCUMENTED.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 40
    left = set(rows) - Script.made
    assert left == {("POST", "/hub/shutdown")}


# ── the end ──────────────────────────────────────────────────────────────────


def test_the_end_of_everything(tmp_path: Path) -> None:
    with Gateway(tmp_path) as gateway:
        admin = Script(gateway, token_of(gateway, "admin"))
        admin.started("admin")
        assert admin.call("POST", "/hub/shutdown", status=202)["message"]
        assert gateway.processes[0].wait(40) == 0
        assert gateway.servers() == []


def test_servers_may_stay(tmp_path: Path) -> None:
    with Gateway(tmp_path) as gateway:
        admin = Script(gateway, token_of(gateway, "admin"))
        admin.started("admin")
        admin.call("POST", "/hub/shutdown", {"servers": False}, status=202)
        assert gateway.processes[0].wait(40) == 0
        assert gateway.servers()
        gateway.kill()


def test_the_hub_ends_alone(tmp_path: Path) -> None:
    with Gateway(tmp_path) as gateway:
        admin = Script(gateway, token_of(gateway, "admin"))
        admin.started("admin")
        where = gateway.url("user/admin/api/status")
        assert httpx.get(where, headers=admin.headers, trust_env=False).status_code == 200
        admin.call("POST", "/hub/shutdown", {"servers": False, "proxy": False}, status=202)
        eventually(lambda: not (gateway.data_dir / "run/hub.pid").exists(), 20, gateway.log)
        assert httpx.get(where, headers=admin.headers, trust_env=False).status_code == 200
        assert gateway.processes[0].poll() is None
        assert not (gateway.data_dir / "run/hub.pid").exists()
        gateway.kill()
