"""Attacks 23, 24, 25, 29, 38: cookies, tokens, forms and log-ins that are not what they seem."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode, urljoin, urlsplit

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.client import PAGE, Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import MARK, PASSWORD, Hostile
from tests.integration.wire import NAVIGATION, Reply, Wire, ask, people, session, start

pytestmark = pytest.mark.sockets

NAME = "hubgate-session"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("hostile") / "folder")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, hostile: Hostile) -> Iterator[Gateway]:
    settings = hostile.settings("alice", "mallory", "carol")
    settings["authenticator"] |= {"plugin": ["dummy", "native"], "native": {"max_failures": 1000}}
    with Gateway(tmp_path_factory.mktemp("gw"), settings) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="people")
def _people(gateway: Gateway) -> Iterator[dict[str, Client]]:
    with people(gateway, "alice", "mallory") as clients:
        start(clients, "alice", "mallory")
        yield clients


@pytest.fixture
def carol(gateway: Gateway) -> Iterator[Client]:
    """Somebody whose sessions a test may end."""
    with people(gateway, "carol") as clients:
        yield clients["carol"]


def who(gateway: Gateway, headers: Mapping[str, str]) -> str:
    """Whom the gateway takes these headers for, at its own API."""
    reply = ask(gateway, "/hub/api/user", headers)
    assert reply.status in (200, 403), reply
    found = re.search(rb'"name": ?"([^"]+)"', reply.body)
    return found[1].decode() if found and reply.status == 200 else ""


def cleared(reply: Reply) -> list[str]:
    """The paths on which the session cookie is cleared."""
    ours = [value for value in reply.all("set-cookie") if value.startswith(f"{NAME}=;")]
    assert all("max-age=0" in value.lower() for value in ours)
    return [found[1] for value in ours if (found := re.search(r"[Pp]ath=([^;]*)", value))]


# ── 23: session cookies ──────────────────────────────────────────────────────


@pytest.mark.parametrize("separate", [False, True], ids=["one-header", "two-headers"])
@pytest.mark.parametrize("other", ["valid", "unknown", "malformed"])
def test_of_two_session_cookies_none_counts(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, other: str, separate: bool
) -> None:
    """23. Which of them a page has planted on a longer path, nobody can tell. Both are cleared."""
    mine = session(people["alice"])
    planted = {"valid": session(people["mallory"]), "unknown": "A" * 43, "malformed": "x"}[other]
    for first, second in ((mine, planted), (planted, mine)):
        cookies = f"{NAME}={first}{'\r\nCookie: ' if separate else '; '}{NAME}={second}"
        mark = hostile.mark()
        reply = ask(gateway, "/user/alice/deep/x", {"Cookie": cookies})
        assert reply.status == 403
        assert MARK.encode() not in reply.raw
        assert {"/", "/user/alice/", "/user/alice/deep"} <= set(cleared(reply))
        page = ask(gateway, "/user/alice/x", NAVIGATION | {"Cookie": cookies})
        assert page.status == 302
        assert page["location"].startswith("/hub/login?next=")
        assert who(gateway, {"Cookie": cookies}) == ""
        assert hostile.bytes_since(mark) == ""
    twice = {"Cookie": f"{NAME}={mine}; {NAME}={mine}"}
    assert who(gateway, twice) == "alice"


def test_a_planted_session_is_not_taken_over(gateway: Gateway) -> None:
    """23. Fixation: neither an invented value nor the attacker's own session becomes the victim's."""
    with people(gateway, "mallory") as clients:
        for planted in ("A" * 43, session(clients["mallory"])):
            with Client(gateway) as victim:
                # A planted session may be logged in already: its owner's form is what the victim sees.
                victim.http.cookies.set(NAME, planted, domain="127.0.0.1", path="/")
                page = victim.page("hub/login") if planted[0] == "A" else victim.page("hub/home")
                found = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
                assert found, page.text
                fields = {"username": "carol", "password": PASSWORD, "_xsrf": found[1]}
                headers = PAGE | {"Origin": gateway.origin}
                assert victim.http.post("hub/login", data=fields, headers=headers).status_code == 302
                assert session(victim) != planted
                assert who(gateway, {"Cookie": f"{NAME}={session(victim)}"}) == "carol"
            assert who(gateway, {"Cookie": f"{NAME}={planted}"}) == ""


def test_each_log_in_has_a_value_of_its_own_and_log_out_ends_it(gateway: Gateway, carol: Client) -> None:
    """23. The old id is worth nothing after the next log-in, and nothing after log-out, at once."""
    first = session(carol)
    with people(gateway, "carol") as others:
        other = session(others["carol"])
        assert len({first, other}) == 2
        assert re.fullmatch("[A-Za-z0-9_-]{43}", first)
        carol.page("hub/logout", follow_redirects=False)
        eventually(lambda: who(gateway, {"Cookie": f"{NAME}={first}"}) == "", 1, "the old session still counts")
        assert who(gateway, {"Cookie": f"{NAME}={other}"}) == "carol"
    assert not [each for each in carol.http.cookies.jar if each.name == NAME]


def test_log_out_cuts_what_is_open(gateway: Gateway) -> None:
    """23. A WebSocket and a request in flight end with the session that opened them."""
    with people(gateway, "mallory") as clients, clients["mallory"].websocket("user/mallory/x") as socket_:
        assert socket_.recv() == MARK
        began = time.monotonic()
        clients["mallory"].page("hub/logout")
        with pytest.raises(ConnectionClosed):
            socket_.recv(timeout=5)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", ["Hubgate-Session", "__Host-hubgate-session", " hubgate_session", "hubgate-session "])
def test_only_the_cookies_own_name_counts(gateway: Gateway, people: dict[str, Client], name: str) -> None:
    value = session(people["alice"])
    expected = "alice" if name.strip() == NAME else ""
    assert who(gateway, {"Cookie": f"{name}={value}"}) == expected
    assert who(gateway, {"Cookie": f"{NAME}={value} "}) == "alice"
    assert who(gateway, {"Cookie": f'{NAME}="{value}"'}) == ""


# ── 24: two kinds of credentials ─────────────────────────────────────────────


@pytest.fixture(scope="module")
def token(gateway: Gateway, people: dict[str, Client]) -> str:
    return gateway.run("token", "mallory").stdout.strip()


BAD = ["token {bad}", "Bearer {bad}", "token", "token ", "Basic bWFsbG9yeTp4", "Digest x", "{token}", "tokens {token}",
       "token  x y", "token {token} {token}", "token {token},x", "token server.abc{bad}", "token {session}",
       "Bearer {session}", "token {digest}"]  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_a_bad_authorization_is_never_corrected_by_a_good_cookie(
    gateway: Gateway, people: dict[str, Client], hostile: Hostile, token: str, said: str
) -> None:
    """24. Nor does a session count as a token, or a token's digest."""
    good = session(people["alice"])
    value = said.format(bad="x" * 43, token=token, session=good, digest="0" * 64)
    mark = hostile.mark()
    for path in ("/user/alice/x", "/user/mallory/x", "/hub/api/user"):
        for headers in ({"Authorization": value}, {"Authorization": value, "Cookie": f"{NAME}={good}"}):
            if "server." in value and path == "/user/alice/x" and "Cookie" in headers:
                continue  # a server's own secret, which JupyterLab's page repeats: there the cookie decides
            reply = ask(gateway, path, headers)
            assert reply.status == 403, reply
    assert hostile.bytes_since(mark) == ""


def test_a_good_authorization_decides_alone(gateway: Gateway, people: dict[str, Client], token: str) -> None:
    """24. Mallory's token with alice's cookie is mallory, also with a bad cookie or two of them."""
    good = session(people["alice"])
    for cookies in (f"{NAME}={good}", f"{NAME}=x", f"{NAME}={good}; {NAME}=x", "a=b"):
        headers = {"Authorization": f"token {token}", "Cookie": cookies}
        assert who(gateway, headers) == "mallory"
        assert ask(gateway, "/user/alice/x", headers).status == 403
        assert ask(gateway, "/user/mallory/x", headers).status == 200


@pytest.mark.parametrize("second", ["token {token}", "token {bad}", "Basic x", ""])
def test_two_authorizations_are_none(gateway: Gateway, people: dict[str, Client], token: str, second: str) -> None:
    """24."""
    values = [f"token {token}", second.format(token=token, bad="y" * 43)]
    for one, other in (values, values[::-1]):
        for path in ("/user/mallory/x", "/hub/api/user"):
            reply = ask(gateway, path, {"Authorization": one, "authorization": other})
            assert reply.status in (400, 403)


def test_a_value_known_as_one_kind_is_not_known_as_the_other(
    gateway: Gateway, people: dict[str, Client], token: str
) -> None:
    """24. Each is in the worker's cache by now; both ways, whichever was asked first."""
    value = session(people["alice"])
    for _ in range(2):
        assert who(gateway, {"Cookie": f"{NAME}={value}"}) == "alice"
        assert who(gateway, {"Authorization": f"token {value}"}) == ""
        assert who(gateway, {"Authorization": f"token {token}"}) == "mallory"
        assert who(gateway, {"Cookie": f"{NAME}={token}"}) == ""


def test_a_token_in_the_url_is_nothing(gateway: Gateway, people: dict[str, Client], token: str) -> None:
    for path in ("/user/mallory/x", "/hub/api/user", "/hub/home"):
        assert ask(gateway, f"{path}?token={token}").status == 403


# ── 25: proof of our own form ────────────────────────────────────────────────


def form_value(client: Client, page: str = "hub/home") -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.page(page).text)
    assert found
    return found[1]


def stop(gateway: Gateway, value: str, xsrf: str, tossed: str = "") -> int:
    """Post a form that changes something as whoever has this session; here it finds nothing to stop."""
    cookies = f"{NAME}={value}" + (f"; _xsrf={tossed}" if tossed else "")
    headers = {"Cookie": cookies, "Origin": gateway.origin, "Content-Type": "application/x-www-form-urlencoded"}
    with Wire(gateway) as wire:
        body = urlencode({"_xsrf": xsrf}).encode()
        return wire.ask("/hub/stop/carol", NAVIGATION | headers, "POST", body).status


def test_a_form_is_proved_by_its_own_session_only(gateway: Gateway, people: dict[str, Client], carol: Client) -> None:
    """25. Whatever is in the cookie: the value of another user, another session, of nobody, or nothing."""
    mine = form_value(carol, "hub/spawn")
    assert stop(gateway, session(carol), mine) == 302
    assert stop(gateway, session(carol), mine, tossed="tossed") == 302
    with Client(gateway) as nobody, people_of(gateway, "carol") as again:
        for wrong in (
            form_value(people["mallory"]),
            form_value(again, "hub/spawn"),
            form_value(nobody, "hub/login"),
            mine.upper(),
            mine[:-1],
            "",
            "x",
            "ü",
        ):
            assert stop(gateway, session(carol), wrong) == 403
            if wrong.isprintable() and wrong.isascii():
                assert stop(gateway, session(carol), wrong, tossed=wrong) == 403


def people_of(gateway: Gateway, name: str) -> Client:
    client = Client(gateway)
    client.log_in(name, PASSWORD)
    return client


def test_a_form_from_before_log_out_is_worth_nothing(gateway: Gateway, carol: Client) -> None:
    """25."""
    old = form_value(carol, "hub/spawn")
    carol.page("hub/logout")
    with people_of(gateway, "carol") as again:
        assert stop(gateway, session(again), old, tossed=old) == 403


def test_log_in_needs_our_own_form_too(gateway: Gateway) -> None:
    """25. A value that is ours but not in this browser's cookie, and the other way round."""
    with Client(gateway) as attacker, Client(gateway) as victim:
        ours = form_value(attacker, "hub/login")
        form_value(victim, "hub/login")
        for value in (ours, "", "x.y"):
            fields = {"username": "mallory", "password": PASSWORD, "_xsrf": value}
            answer = victim.http.post("hub/login", data=fields, headers=PAGE | {"Origin": gateway.origin})
            assert answer.status_code == 403
            assert "Login form invalid or expired" in answer.text
            assert NAME not in victim.http.cookies
        for origin in ("http://evil.example", "null"):
            fields = {"username": "mallory", "password": PASSWORD, "_xsrf": form_value(victim, "hub/login")}
            assert victim.http.post("hub/login", data=fields, headers=PAGE | {"Origin": origin}).status_code == 403


# ── 29: where to go next ─────────────────────────────────────────────────────

NEXT = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    " //evil.example", "\t//evil.example", "https://evil.example", "https:evil.example", "http:///evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "evil.example", "@evil.example", ".evil.example",
    "/%0d%0aSet-Cookie:%20a=b", "/\r\nSet-Cookie: a=b", "/\u2028x", "/hub/../..//evil.example", "/..//evil.example",
    "/%2e%2e//evil.example", "/%5cevil.example", "/%2f/evil.example", "//evil.example/%2e%2e", "/\x00/evil.example",
    "/\u00a0/evil.example", "/hub/logout", "/hub/login", "/hub/login?next=//evil.example", "/%68ub/logout",
    "\uff0f/evil.example", "/hub/home#//evil.example", "?x", "", "/user/alice/lab?a=b&c=//d",
]  # fmt: skip


def lands(gateway: Gateway, location: str) -> str:
    """Where a browser goes: white space is dropped, a backslash is a slash."""
    seen = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return urljoin(f"{gateway.origin}/hub/login", seen)


@pytest.mark.parametrize("following", NEXT)
def test_log_in_leads_nowhere_else(gateway: Gateway, people: dict[str, Client], following: str) -> None:
    """29. In the form, in the query, when logged in already; and log-out never by itself."""
    with Client(gateway) as client:
        query = f"hub/login?next={quote(following.encode(), safe='')}"
        xsrf = form_value(client, query)
        fields = {"username": "alice", "password": PASSWORD, "_xsrf": xsrf, "next": following}
        answers = [client.http.post("hub/login", data=fields, headers=PAGE | {"Origin": gateway.origin})]
        if "\0" in following:
            assert answers[0].status_code == 400
            return
        del fields["next"]
        fields["_xsrf"] = form_value(client)
        answers.append(client.http.post(query, data=fields, headers=PAGE | {"Origin": gateway.origin}))
        answers.append(client.page(query))
    for answer in answers:
        assert answer.status_code == 302, answer.text[:500]
        location = answer.headers["location"]
        where = urlsplit(lands(gateway, location))
        assert (where.scheme, where.netloc) == ("http", gateway.authority)
        assert not where.path.startswith("//")
        assert where.path not in ("/hub/logout", "/hub/login")
        assert "a" not in answer.cookies
        assert not any(char <= " " or char == "\\" for char in location)


def test_redirects_name_no_host(gateway: Gateway, people: dict[str, Client]) -> None:
    """29. So a forged `Host` cannot lead away; and with one there is no redirect at all."""
    mine = {"Cookie": f"{NAME}={session(people['alice'])}", "Accept": "text/html"}
    for path in ("/", "/hub", "/hub/", "/user/alice", "/user/alice?x=//evil", "/hub/logout"):
        for headers in ({"Accept": "text/html"}, mine):
            if path == "/hub/logout" and headers is mine:
                continue
            reply = ask(gateway, path, headers)
            assert reply.status == 302
            assert re.match(r"/(?!/)", reply["location"])
        assert ask(gateway, path, mine | {"Host": "evil.example"}).status == 421


# ── 38: who exists ───────────────────────────────────────────────────────────


def test_a_failed_log_in_tells_nothing(gateway: Gateway, people: dict[str, Client]) -> None:
    """38. A name with a password, one without, one that does not exist: status, headers, body and, roughly, time.

    The hub's own processor time is compared closely: what else the machine does changes the clock's too much.
    """
    assert gateway.run("user", "passwd", "alice", "--password-stdin", input="a long enough one\n").returncode == 0
    hub, took, seen = psutil.Process(gateway.pid("hub")), defaultdict[str, list[tuple[float, float]]](list), set()
    with Client(gateway) as client:
        fields = {"password": "wrong", "authenticator": "native", "_xsrf": form_value(client, "hub/login")}
        headers = PAGE | {"Origin": gateway.origin}
        for name in ("alice", "nobod") * 5 + ("carol",):
            began, before = time.perf_counter(), hub.cpu_times()
            answer = client.http.post("hub/login", data=fields | {"username": name}, headers=headers)
            after = hub.cpu_times()
            spent = after.user + after.system - before.user - before.system
            took[name].append((time.perf_counter() - began, spent))
            text = re.sub(r'nonce="[^"]*"', "", answer.text.replace(f'"{name}"', ""))
            seen.add((answer.status_code, tuple(answer.headers), text))
    assert [status for status, _, _ in seen] == [403]
    for kind, factor in ((0, 2.0), (1, 1.2)):
        known, unknown = (min(each[kind] for each in took[name]) for name in ("alice", "nobod"))
        assert max(known, unknown) < factor * min(known, unknown), took
