"""Log-in at a provider and by a proxy's header, with real processes: who gets in, and each way in which nobody does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, plugin
from tests.integration.provider import PLUGIN, SECRET, Provider, provider

pytestmark = pytest.mark.sockets

PROXY = "127.0.0.2"
"""The address from which the trusted proxy comes; everybody else comes from 127.0.0.1."""
LIMIT = 20.0


@pytest.fixture(scope="module")
def people() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def gateway(people: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = {
        "gateway": {"trusted_proxies": [PROXY], "workers": 1},
        "authenticator": {
            "plugin": ["native", "small", "header"],
            "allowed_users": ["alice", "bob"],
            "small": {"url": people.url, "client_secret": SECRET, "refresh_seconds": 1},
            "header": {"header": "X-Forwarded-User", "groups_header": "X-Forwarded-Groups"},
        },
        "traffic": {"access_log": True},
        "profiles": [echo.PROFILE],
    }
    made = Gateway(tmp_path_factory.mktemp("providers"), settings)
    plugin(made, "small", PLUGIN)
    with made:
        yield made


class Browser(Client):
    """One that says what a browser says of each request, from an address of its own."""

    def __init__(self, gateway: Gateway, address: str = "127.0.0.1", **headers: str) -> None:
        super().__init__(gateway)
        self.http.close()
        self.http = httpx.Client(
            base_url=gateway.url(),
            headers={"Host": gateway.authority, **headers},
            transport=httpx.HTTPTransport(local_address=address),
            timeout=30,
        )

    def go(self, path: str, site: str = "same-origin", **more: str) -> httpx.Response:
        """A link is followed, to one answer."""
        seen = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        return self.http.get(path, headers=seen | {"Sec-Fetch-Site": site, **more})

    def sent_away(self) -> str:
        answer = self.go("hub/auth/small/login?next=/hub/spawn")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def at_provider(self, url: str) -> str:
        """What the provider makes of it: path and query of the callback."""
        answer = httpx.get(url, trust_env=False)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def callback(self) -> str:
        return self.at_provider(self.sent_away())

    def log_in_there(self) -> httpx.Response:
        return self.go(self.callback(), "cross-site")

    def who(self) -> str:
        """Of the session, asked of the API as a page does; "" = nobody."""
        answer = self.go("api/user")
        return str(answer.json()["name"]) if answer.status_code == 200 else ""


@pytest.fixture
def browser(gateway: Gateway, people: Provider) -> Iterator[Browser]:
    people.name, people.broken = "alice", False
    people.gone.clear()
    with Browser(gateway) as made:
        yield made


def refused(answer: httpx.Response, browser: Browser, status: int = 403) -> None:
    assert answer.status_code == status, answer.text
    assert "hubgate-session" not in browser.http.cookies
    assert 'role="alert"' in answer.text and "Log in with Small Provider" in answer.text
    assert browser.who() == ""


# ── at a provider ────────────────────────────────────────────────────────────


def test_there_and_back(browser: Browser, people: Provider) -> None:
    answer = browser.log_in_there()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/spawn")
    assert browser.who() == "alice"
    answer = browser.go("hub/logout")
    assert answer.headers["Location"].startswith(f"{people.url}/logout?return=http%3A%2F%2F127.0.0.1")
    assert browser.who() == ""


def test_a_state_that_is_forged_or_missing(browser: Browser, gateway: Gateway, people: Provider) -> None:
    browser.sent_away()
    for query in ("", f"?code={people.code()}", f"?code={people.code()}&state=forged"):
        refused(browser.go(f"hub/auth/small/callback{query}", "cross-site"), browser)
    assert "by small refused: This log-in was not begun in this browser" in gateway.log()


def test_a_callback_in_another_browser(browser: Browser, gateway: Gateway) -> None:
    with Browser(gateway) as mallory:
        stolen = mallory.callback()
    browser.sent_away()
    refused(browser.go(stolen, "cross-site"), browser)


def test_a_code_and_a_state_that_are_played_again(browser: Browser, people: Provider, gateway: Gateway) -> None:
    callback = browser.callback()
    assert browser.go(callback, "cross-site").status_code == 302
    browser.go("hub/logout")
    refused(browser.go(callback, "cross-site"), browser)
    # A used code with a new state: the provider itself says no.
    used = dict(pair.split("=") for pair in callback.partition("?")[2].split("&"))["code"]
    state = dict(pair.split("=") for pair in urlsplit(browser.sent_away()).query.split("&"))["state"]
    answer = browser.go(f"hub/auth/small/callback?code={used}&state={state}", "cross-site")
    refused(answer, browser)
    assert "did not confirm who you are" in answer.text


def test_a_name_that_is_not_allowed(browser: Browser, people: Provider, gateway: Gateway) -> None:
    people.name = "mallory"
    answer = browser.log_in_there()
    refused(answer, browser)
    assert "You are mallory, who may not use this gateway" in answer.text
    assert "log-in of 'mallory' from 127.0.0.1 by small refused" in gateway.log()


def test_a_provider_that_is_down(browser: Browser, people: Provider, gateway: Gateway) -> None:
    callback = browser.callback()
    people.broken = True
    answer = browser.go(callback, "cross-site")
    refused(answer, browser, 503)
    assert answer.headers["Retry-After"] == "30"
    log = gateway.log()
    assert "authenticator small failed (finish): HTTPError: HTTP Error 500" in log
    people.broken = False
    assert browser.log_in_there().status_code == 302, "and once it is up again, all is well"
    code = dict(pair.split("=") for pair in callback.partition("?")[2].split("&"))["code"]
    for secret in (SECRET, code):
        assert secret not in gateway.log(200_000)


def test_who_is_refused_there_later_is_out(browser: Browser, people: Provider) -> None:
    browser.log_in_there()
    assert browser.who() == "alice"
    people.gone.add("alice")
    eventually(lambda: browser.who() == "", LIMIT, "the session goes on")


def test_a_restart_of_the_hub_costs_a_log_in_and_admits_nobody(browser: Browser, gateway: Gateway) -> None:
    callback = browser.callback()
    before = gateway.pid("hub")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: gateway.healthy() and gateway.pid("hub") != before, 30, gateway.log)
    refused(browser.go(callback, "cross-site"), browser)
    assert browser.log_in_there().status_code == 302


# ── by a proxy's header ──────────────────────────────────────────────────────


def test_a_header_from_anybody_else(gateway: Gateway) -> None:
    spoofed = {"X-Forwarded-User": "alice", "X-Forwarded-For": PROXY, "X-Real-IP": PROXY, "Forwarded": f"for={PROXY}"}
    with Browser(gateway) as stranger:
        answer = stranger.go("hub/login", **spoofed)
        refused(answer, stranger)
        assert "not believed" in answer.text
        for spelling in ("x_forwarded_user", "X-FORWARDED-USER", "X-Forwarded_User"):
            stranger.go("hub/login", **{spelling: "alice"})
            assert stranger.who() == ""
    assert "log-in of nobody from 127.0.0.1 by header refused: the header x-forwarded-user" in gateway.log()


def test_whom_the_proxy_names_is_in_and_nobody_else_takes_over(gateway: Gateway) -> None:
    with Browser(gateway, PROXY) as browser:
        alice = {"X-Forwarded-User": "Alice", "X-Forwarded-Groups": "staff,org/team"}
        assert browser.go("hub/login", **alice).status_code == 302
        me = browser.go("api/user", **alice).json()
        assert (me["name"], sorted(me["groups"])) == ("alice", ["org/team", "staff"])
        # The same cookie, and the proxy names somebody else, or nobody.
        for other in ({"X-Forwarded-User": "bob"}, {}):
            assert browser.go("api/user", **other).status_code == 401
            assert browser.go("user/alice/", **other).status_code == 302
        # The same cookie past the proxy.
        with Browser(gateway) as thief:
            thief.http.cookies = browser.http.cookies
            assert thief.go("api/user", **alice).status_code == 401
        assert browser.go("hub/login", **{"X-Forwarded-User": "bob"}).status_code == 302
        assert browser.go("api/user", **{"X-Forwarded-User": "bob"}).json()["name"] == "bob"


@pytest.mark.parametrize("name", ["mallory", "alice, admin", "..", "a/b"])
def test_a_name_from_the_proxy_that_is_not_allowed(gateway: Gateway, name: str) -> None:
    with Browser(gateway, PROXY) as browser:
        refused(browser.go("hub/login", **{"X-Forwarded-User": name}), browser)


def test_a_header_that_comes_twice(gateway: Gateway) -> None:
    with Browser(gateway, PROXY) as browser:
        twice = [("X-Forwarded-User", "admin"), ("x-forwarded-user", "alice"), ("Accept", "text/html")]
        assert browser.http.get("hub/login", headers=twice).status_code == 400


def test_servers_never_see_what_the_proxy_says(gateway: Gateway) -> None:
    alice = {"X-Forwarded-User": "alice", "X-Forwarded-Groups": "staff"}
    with Browser(gateway, PROXY, **alice) as browser:
        browser.go("hub/login")
        browser.user = "alice"
        browser.ask_start()
        browser.await_server()
        seen = browser.http.get("user/alice/x", headers={"X_Forwarded_User": "root", "X-Kept": "1"})
        names = {name.lower() for name, _ in seen.json()["headers"]}
        assert "x-kept" in names and "x-hubgate-user" in names
        assert not {name for name in names if "forwarded" in name.replace("_", "-") and "user" in name}
        assert "x-forwarded-groups" not in names
        browser.stop_server()
