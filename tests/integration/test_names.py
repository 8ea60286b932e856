"""Names that people have, and names that nobody may have: accepted and led right, or refused in clear words.

By the command, by the log-in form, by the REST API and in an address. Never a 500, never somebody else's route.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.integration.client import PAGE, Client
from tests.integration.harness import Gateway
from tests.integration.hostile import MARK, PASSWORD, Hostile
from tests.integration.wire import NAVIGATION, Reply, Wire, ask, cookie, people, upgrade

pytestmark = pytest.mark.sockets

GOOD = ["a@b.c", "x y", "ünï"]
BAD = ["n" * 300, "../x", "a%2Fb", "ü" * 128, "a/b", "a\\b", "..", ".", "...", "/", "%", "a\x07b", "a\u202eb",
       "a\u200bb", "a\nb", "\x7f", "\u2028", "a;b", "\ufffd"]  # fmt: skip
EMPTY = ["", " ", "\t"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    settings = hostile.settings()
    settings["authenticator"]["allow_all"] = True
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    """Everybody with a good name, made by logging in, their server running."""
    with people(gateway, "admin", *GOOD) as clients:
        for name in GOOD:
            clients[name].ask_start(profile="open")
        for name in GOOD:
            clients[name].await_server()
        yield clients


@pytest.fixture(scope="module")
def token(gateway: Gateway, people: dict[str, Client]) -> str:
    return gateway.run("token", "admin").stdout.strip()


# ── by the command ───────────────────────────────────────────────────────────


def test_the_command_takes_good_names(gateway: Gateway) -> None:
    for name in GOOD:
        done = gateway.run("user", "add", f"{name}-made")
        assert (done.returncode, done.stderr) == (0, "")
    listed = gateway.run("user", "list").stdout.splitlines()
    assert {f"{name}-made\t" for name in GOOD} <= set(listed)
    assert gateway.run("user", "remove", f"{GOOD[1]}-made").returncode == 0


@pytest.mark.parametrize("name", ["n" * 300, "../x", "a%2Fb", ""], ids=["300", "../x", "a%2Fb", "empty"])
def test_the_command_refuses_bad_names(gateway: Gateway, name: str) -> None:
    done = gateway.run("user", "add", "--", name)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("hubgate: user name must not ")


def test_the_command_knows_one_spelling_of_a_name(gateway: Gateway) -> None:
    """Composed or not, whatever the case: it is the same person."""
    assert gateway.run("user", "add", "Zoë").returncode == 0
    done = gateway.run("user", "add", unicodedata.normalize("NFD", "zoë"))
    assert done.returncode == 1
    assert "already" in done.stderr


# ── by the log-in form ───────────────────────────────────────────────────────


@pytest.mark.parametrize("name", BAD + EMPTY, ids=repr)
def test_nobody_logs_in_by_a_bad_name(gateway: Gateway, name: str) -> None:
    with Client(gateway) as client:
        answer = client.submit("hub/login", {"username": name, "password": PASSWORD})
        assert answer.status_code == 403
        assert "Invalid username or password" in answer.text
        assert not [each for each in client.http.cookies.jar if "session" in each.name]


@pytest.mark.parametrize("name", ["a\0b"], ids=repr)
def test_a_form_with_nul_is_no_form(gateway: Gateway, name: str) -> None:
    with Client(gateway) as client:
        assert client.submit("hub/login", {"username": name, "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(
    "body", [b"username=%FF&password=x&_xsrf=x", b"username=%ED%A0%80&password=x", b"\xff\xfe", b"%"]
)
def test_a_form_that_is_no_text(gateway: Gateway, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": gateway.origin}
    with Wire(gateway) as wire:
        reply = wire.ask("/hub/login", PAGE | headers, "POST", body)
    assert reply.status in (400, 403)


@pytest.mark.parametrize("name", ["A@B.C", " x y ", "U\u0308NI\u0308"], ids=repr)
def test_a_name_is_the_same_however_it_is_typed(gateway: Gateway, people: dict[str, Client], name: str) -> None:
    with Client(gateway) as client:
        client.log_in(name, PASSWORD)
        said = client.http.get("hub/api/user").json()["name"]
    assert said in GOOD


# ── by the API ───────────────────────────────────────────────────────────────


def api(gateway: Gateway, token: str, method: str, path: str) -> Reply:
    with Wire(gateway) as wire:
        reply = wire.ask(f"/hub/api/users/{path}", {"Authorization": f"token {token}"}, method)
    assert reply.status < 500, reply
    if reply.body:
        json.loads(reply.body)
    return reply


@pytest.mark.parametrize("name", [*GOOD, "+", "a+b", "~", "'", '"', "<b>", "a?b", "a#b", "a&b", "日本", "🙂"])
def test_the_api_takes_good_names(gateway: Gateway, people: dict[str, Client], token: str, name: str) -> None:
    path = quote(f"{name}-by-api", safe="")
    made = api(gateway, token, "POST", path)
    assert made.status == 201, made
    assert json.loads(made.body)["name"] == f"{name}-by-api"
    assert api(gateway, token, "POST", path).status == 409
    assert json.loads(api(gateway, token, "GET", path).body)["name"] == f"{name}-by-api"
    assert json.loads(api(gateway, token, "GET", quote(name.upper(), safe="") + "-BY-API").body)["name"]
    assert api(gateway, token, "GET", f"{path}/server").status in (200, 404)
    assert api(gateway, token, "DELETE", path).status == 204
    assert api(gateway, token, "GET", path).status == 404


@pytest.mark.parametrize("name", [*BAD, "a\0b"], ids=repr)
def test_the_api_refuses_bad_names(gateway: Gateway, people: dict[str, Client], token: str, name: str) -> None:
    for path in (quote(name, safe=""), quote(quote(name, safe=""), safe="")):
        for method in ("POST", "GET", "DELETE"):
            reply = api(gateway, token, method, path)
            assert 400 <= reply.status < 500
            assert json.loads(reply.body)["message"]
            for tail in ("/server", "/servers/x", "/tokens"):
                assert 400 <= api(gateway, token, method, path + tail).status < 500


@pytest.mark.parametrize("path", ["%FF", "%ED%A0%80", "%", "%zz", "%C3", "a%0Ab", "%E2%80%AE"])
def test_the_api_refuses_what_is_no_text(gateway: Gateway, people: dict[str, Client], token: str, path: str) -> None:
    for method in ("POST", "GET", "DELETE"):
        assert api(gateway, token, method, path).status in (400, 404, 201 if path in ("%", "%zz") else 400)


@pytest.mark.parametrize("name", ["UP", "a b", "-a", "a-", "a--b", "n" * 31, "ü", "a/b", "a%b", "..", "1a"], ids=repr)
def test_servers_names_are_refused_in_words(gateway: Gateway, people: dict[str, Client], token: str, name: str) -> None:
    reply = api(gateway, token, "POST", f"{quote('x y')}/servers/{quote(name, safe='')}")
    assert reply.status in (400, 404)
    page = ask(gateway, f"/hub/spawn/x%20y/{quote(name, safe='')}", NAVIGATION | {"Cookie": cookie(people["x y"])})
    assert page.status in (400, 404)


# ── in an address ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_leads_to_its_own_server(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, name: str
) -> None:
    """However the address is escaped; over HTTP and WebSocket; and for its owner alone."""
    base = f"/user/{quote(name, safe='@')}/"
    spellings = {
        base,
        f"/user/{quote(name, safe='')}/",
        "/user/" + "".join(f"%{byte:02x}" for byte in name.encode()) + "/",
    }
    spellings.add("/user/" + quote(unicodedata.normalize("NFD", name)) + "/")
    mine, others = {"Cookie": cookie(people[name])}, [each for each in GOOD if each != name]
    for spelling in spellings:
        mark = hostile.mark()
        assert ask(gateway, f"{spelling}files/deep%2Fx?y=%20", mine).body == MARK.encode()
        with Wire(gateway) as wire:
            assert wire.ask(f"{spelling}ws", mine | upgrade(gateway)).status == 101
        for other in others:
            assert ask(gateway, spelling, {"Cookie": cookie(people[other])}).status == 403
            with Wire(gateway) as wire:
                assert wire.ask(spelling, {"Cookie": cookie(people[other])} | upgrade(gateway)).status == 403
        first, second = hostile.since(mark)
        assert (first.url, second.url) == (base, base)
        assert first.text.startswith(f"GET {spelling}files/deep%2Fx?y=%20 HTTP/1.1\r\n")
        assert first.values("x-hubgate-user") == [quote(name, safe="@")]
        assert first.values("x-forwarded-prefix") == [base.removesuffix("/")]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_on_all_pages(gateway: Gateway, people: dict[str, Client], name: str) -> None:
    client, path = people[name], quote(name, safe="@")
    home = client.page("hub/home")
    assert home.status_code == 200
    assert f'href="/user/{path}/"' in home.text
    assert client.page(f"hub/spawn/{path}").headers["location"] == f"/user/{path}/"
    assert client.page(f"hub/spawn-pending/{path}").headers["location"] == f"/user/{path}/"
    assert client.page(f"user/{path}").headers["location"] == f"/user/{path}/"
    with Client(gateway) as nobody:
        location = nobody.page(f"user/{path}/x").headers["location"]
        assert location == f"/hub/login?next={quote(f'/user/{path}/x', safe='')}"
    began = people["admin"].page(f"hub/spawn-pending/{path}")
    assert began.headers["location"] == f"/user/{path}/"


@pytest.mark.parametrize("name", [*BAD, "a\0b"], ids=repr)
def test_a_bad_name_in_an_address(gateway: Gateway, people: dict[str, Client], hostile: Hostile, name: str) -> None:
    mark = hostile.mark()
    for path in (quote(name, safe=""), quote(quote(name, safe=""), safe=""), quote(name, safe="/\\")):
        for where in (f"/user/{path}/x", f"/hub/spawn/{path}", f"/hub/spawn-pending/{path}", f"/services/{path}/"):
            for headers in ({}, {"Cookie": cookie(people["x y"])}, {"Cookie": cookie(people["admin"])}):
                for way in (NAVIGATION, {}):
                    status = ask(gateway, where, headers | way).status
                    expected = (302, 400, 403, 404, 424)
                    assert status in expected, (where, way, status)
    assert hostile.bytes_since(mark) == ""
