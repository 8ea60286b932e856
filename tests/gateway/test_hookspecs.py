"""Each hook has a heading with its exact signature in the guide, and the guide's plugin runs."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import logging
import re
import types
from pathlib import Path
from typing import Any

import pluggy
import pytest

from gateway.hookspecs import (
    PROJECT,
    Arrival,
    Authenticator,
    Departure,
    Hookspecs,
    LoginRequest,
    NoOptions,
    Place,
    RedirectAuthenticator,
    Spawner,
    Visit,
)
from gateway.model import Identity, Launch, Login, Profile, Server, Target
from tests.plugins.contracts import REQUEST, authenticator_contract
from tests.plugins.storage import MemoryStorage

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {page.name: page.read_text("utf-8") for page in sorted((DOCS / "plugins").glob("*.md"))}


def signatures() -> list[str]:
    hooks = [(name, hook) for name, hook in vars(Hookspecs).items() if name.startswith("gateway_")]
    return [name + str(inspect.signature(hook)).replace("(self, ", "(").replace("(self)", "()") for name, hook in hooks]


def test_the_pages_have_a_heading_for_each_hook_and_no_other() -> None:
    headings = [each for page in PAGES.values() for each in re.findall(r"^### `(gateway_.*)`$", page, re.MULTILINE)]
    assert sorted(headings) == sorted(signature.replace("'", "") for signature in signatures())


def test_the_index_has_every_page() -> None:
    index = (DOCS / "plugins.md").read_text("utf-8")
    assert [name for name in PAGES if f"](plugins/{name})" not in index] == []


def test_each_hook_says_when_it_is_called() -> None:
    for name, hook in vars(Hookspecs).items():
        if name.startswith("gateway_"):
            assert "Called" in (hook.__doc__ or ""), name


def example(page: str = "writing.md") -> types.ModuleType:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL)
    module = types.ModuleType("example")
    exec(compile(code, f"docs/plugins/{page}", "exec", dont_inherit=True), module.__dict__)
    return module


def test_the_example_of_a_policy_refuses_and_has_no_other_opinion() -> None:
    rule: Any = example("policies.md")
    options = rule.Options(first=7, last=19, networks=["10.0.0.0/8"])
    noon, night = (datetime.datetime(2026, 1, 5, hour).timestamp() for hour in (12, 3))

    def said(now: float = noon, client: str = "10.1.2.3", kind: Any = "server", admin: bool = False) -> str:
        request = Visit("GET", "/user/alice/x", client, "h", "http://h", True, "", "", {}, now)
        who = Identity("user", "alice", frozenset(), "session", "", "1", admin=admin)
        denial = rule.gateway_policy(request, who, Place(kind, "/user/alice"), options)
        return denial.word if denial else ""

    assert (said(), said(night), said(client="192.0.2.1")) == ("", "closed", "network")
    assert (said(night, admin=True), said(night, kind="hub")) == ("", "")


async def test_the_guides_plugin_fits_and_keeps_the_contract(caplog: pytest.LogCaptureFixture) -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hookspecs)
    manager.register(example())
    manager.check_pending()
    (offered,) = manager.hook.gateway_authenticators()
    guests = offered["guests"]
    options = guests.Options(word="xyzzy")
    good = {"username": "guest-7", "password": "xyzzy"}
    await authenticator_contract(lambda: guests(options, MemoryStorage()), good)
    for wrong in ({**good, "password": "XYZZY"}, {**good, "username": "alice"}):
        assert await guests(options, MemoryStorage()).authenticate(wrong, REQUEST) is None
    with caplog.at_level(logging.INFO):
        manager.hook.gateway_user_logged_in(name="guest-7", address="192.0.2.1", options=NoOptions())
    assert "'guest-7' came from 192.0.2.1" in caplog.text


class Least(Authenticator):
    """Nothing but what it must have."""

    name = "least"

    async def authenticate(self, form: object, request: object) -> Login | None:
        return None


async def test_an_authenticator_that_keeps_nothing_needs_no_more() -> None:
    least = Least(NoOptions(), MemoryStorage())
    assert least.warnings() == ()
    assert not await least.has_password("alice")
    await least.forget("alice")
    with pytest.raises(NotImplementedError):
        await least.set_password("alice", "x")


async def test_one_that_knows_nothing_of_proxies_refresh_and_log_out_needs_no_more() -> None:
    """What was written before these methods were there."""
    least = Least(NoOptions(), MemoryStorage())
    assert least.proxy_headers() == ()
    assert least.refresh_seconds == 0
    assert await least.log_out("alice", None, "http://hub/hub/login") == ""


class Elsewhere(RedirectAuthenticator):
    """Nothing but what one with a provider must have."""

    name = "elsewhere"

    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        return Departure(f"https://provider.example/?state={state}", memory="a verifier")

    async def finish(self, arrival: Arrival, request: LoginRequest) -> Login | None:
        return Login("alice") if arrival.query.get("code") == "right" else None


async def test_an_authenticator_with_a_provider_takes_no_form() -> None:
    elsewhere = Elsewhere(NoOptions(), MemoryStorage())
    assert await elsewhere.authenticate({"username": "alice", "password": "x"}, REQUEST) is None
    with pytest.raises(TypeError):
        RedirectAuthenticator(NoOptions(), MemoryStorage())  # type: ignore[abstract]  # which is the point


class Remote(Spawner):
    """One whose backend can only be asked."""

    name = "remote"
    codes: tuple[int | None, ...] = (None, None, 3)

    async def start(self, launch: Launch, report: object) -> Target:
        return Target("http://192.0.2.1:80")

    async def poll(self, launch: Launch) -> int | None:
        code, self.codes = self.codes[0], self.codes[1:]
        return code

    async def stop(self, launch: Launch, now: bool) -> None:
        """Nothing to stop."""

    async def adopt(self, launch: Launch) -> Target | None:
        return None


async def test_a_spawner_that_cannot_tell_is_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def quickly(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", quickly)
    remote = Remote(NoOptions(), MemoryStorage())
    launch = Launch(Server("alice", ""), Profile("p", "P", ("x",)), "/user/alice/", "/dev/null")
    assert await remote.died(launch) == 3
    assert pauses == [5, 5]
    await remote.check(launch)
    assert (remote.warnings(), remote.mistakes(launch.profile)) == ((), ())
