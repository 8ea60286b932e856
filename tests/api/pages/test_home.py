from __future__ import annotations

import re
import time

import pytest

from api.pages.home import _since
from api.pages.language import Languages
from gateway.captures import Scope
from gateway.channel.messages import Visit
from gateway.hub.core import Hub
from gateway.hub.idle import Ending
from gateway.hub.shares import Wish
from gateway.hub.starts import Wish as Start
from gateway.model import Server
from tests.api.person import Person
from tests.api.scripted import MARKUP

ENGLISH = Languages.shipped().chosen("en")


async def test_root(alice: Person, stranger: Person) -> None:
    for path in ("", "hub", "hub/"):
        assert (await alice.page(path)).headers["Location"] == "/hub/home"
        assert (await stranger.page(path)).headers["Location"] == "/hub/login"


async def test_the_default_server_is_always_there(alice: Person) -> None:
    page = (await alice.page("hub/home")).text
    assert page.count('<li class="card server">') == 1
    assert 'href="/hub/spawn/alice"' in page
    assert 'action="/hub/remove' not in page


async def test_every_state(alice: Person, hub: Hub) -> None:
    for name, profile in (("", "quick"), ("slow", "slow"), ("bad", "bad")):
        await hub.servers.start("alice", name, profile)
        await hub.servers.wait("alice", name, 0.5 if name == "slow" else 5)
    cards = (await alice.page("hub/home")).text.split('<li class="card server">')[1:]
    # By name, the default server first.
    default, bad, slow = cards
    assert 'class="state ready">Running' in default
    assert 'action="/hub/stop/alice"' in default
    assert 'href="/user/alice/"' in default
    assert "Quick &amp; &lt;b&gt;bold&lt;/b&gt; · started just now" in default
    assert 'class="state stopped">Stopped' in bad
    assert 'action="/hub/remove/alice/bad"' in bad
    assert "It would not: &lt;script&gt;" in bad
    assert 'href="/hub/spawn-pending/alice/bad"' in bad
    assert 'class="state starting">Starting' in slow
    assert 'href="/hub/spawn-pending/alice/slow"' in slow


async def test_what_a_card_tells_of_a_running_server(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.servers.start("alice", "gpu", "quick")
    await hub.servers.wait("alice", "gpu", 5)
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    assert "Stops by itself" not in (await alice.page("hub/home")).text
    ends = {"": Ending(time.time() + 7200, 0, "idle", 7200), "gpu": Ending(time.time() + 3700, 0, "age", 3600)}
    monkeypatch.setattr(hub.culling, "expected", lambda server: ends[server.name])
    default, gpu = (await alice.page("hub/home")).text.split('<li class="card server">')[1:]
    assert "<dd>in 2 hours, if nobody uses it until then</dd>" in default
    assert "<dd>in 1 hour, whoever uses it</dd>" in gpu
    assert "<dt>Last activity</dt><dd>just now</dd>" in gpu
    assert "<code>/user/alice/gpu/</code>" in gpu
    for action in ("stop", "restart"):
        assert f'action="/hub/{action}/alice/gpu"' in gpu


async def test_an_administrator_is_led_to_where_a_server_is_shared(root: Person, alice: Person, hub: Hub) -> None:
    await hub.servers.make(Start("root", "gpu"))
    assert 'href="/hub/shares?server=gpu#new"' in (await root.page("hub/home")).text
    assert '<option value="gpu" selected>' in (await root.page("hub/shares?server=gpu")).text
    assert "/hub/shares?server=" not in (await alice.page("hub/home")).text


async def test_other_peoples_servers_are_not_mine(alice: Person, hub: Hub) -> None:
    await hub.servers.start("bob", "", "quick")
    assert "bob" not in (await alice.page("hub/home")).text


async def test_the_services_that_one_may_visit(alice: Person, root: Person, hub: Hub) -> None:
    await hub.services.add("docs", "http://127.0.0.1:9")
    await hub.services.add("hidden", "http://127.0.0.1:9", display=False)
    await hub.services.add("robot")
    assert "Services" not in (await alice.page("hub/home")).text
    page = (await root.page("hub/home")).text
    assert 'href="/services/docs/"' in page
    assert "services/hidden" not in page and "robot" not in page


async def test_another_server(alice: Person, hub: Hub) -> None:
    assert 'name="server"' in (await alice.page("hub/home")).text
    for name in ("one", "two", "three"):
        await hub.servers.start("alice", name, "quick")
    assert 'name="server"' not in (await alice.page("hub/home")).text


def test_the_name_rule_of_the_form_is_the_hubs() -> None:
    """The browser's pattern lets pass exactly what `checked_server_name` takes."""
    from importlib.resources import files

    from gateway.errors import BadInput
    from gateway.model import checked_server_name

    text = (files("api.pages") / "templates" / "home.html").read_text("utf-8")
    found = re.search(r'pattern="([^"]+)"', text)
    assert found
    for name in ("a", "ab", "a1", "a-b", "a-b-c", "a" * 30, "1a", "-a", "a-", "a--b", "A", "a b", "ü", "a_b", ""):
        try:
            checked_server_name(name)
            fits = True
        except BadInput:
            fits = False
        assert bool(re.fullmatch(found[1], name)) is fits, name


@pytest.mark.parametrize(
    ("server", "phase", "words"),
    [
        (Server("a", "", started=1000.0), "ready", "started 5 minutes ago"),
        (Server("a", "", started=1000.0, last_activity=1240.0), "stopped", "last used 1 minute ago"),
        (Server("a", ""), "stopped", ""),
        (Server("a", "", started=None), "starting", ""),
    ],
)
def test_since(server: Server, phase: str, words: str) -> None:
    assert _since(server, phase, 1300.0, ENGLISH) == words


async def test_names_and_profiles_from_elsewhere(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Display names and profiles may hold anything; a profile may be gone from the settings."""

    async def of_user(_user: str) -> list[Server]:
        return [
            Server("alice", "", display_name=f"{MARKUP}\u202e", profile=f"gone {MARKUP}", message=f"{MARKUP}\x1b[1m")
        ]

    monkeypatch.setattr(hub.servers, "of_user", of_user)
    page = (await alice.page("hub/home")).text
    assert page.count("&lt;script&gt;alert") >= 3
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


async def test_who_was_in_my_servers(hub: Hub, alice: Person, root: Person) -> None:
    hub.visits.note([Visit("user:root", "alice/gpu", "session", admin=True), Visit("user:<b>", "alice/", "token")], {})
    await hub.visits.flush()
    text = (await alice.page("hub/home")).text
    assert "<bdi>root</bdi> was in <bdi>gpu</bdi>" in text
    assert "as administrator" in text
    assert "<bdi>&lt;b&gt;</bdi> was in" in text
    assert "Who was in your servers" not in (await root.page("hub/home")).text


async def test_nobody_is_told_where_that_is_switched_off(hub: Hub, alice: Person) -> None:
    hub.visits.note([Visit("user:root", "alice/", "session")], {})
    await hub.visits.flush()
    traffic = hub.settings.traffic.model_copy(update={"notify_users": False})
    hub.settings = hub.settings.model_copy(update={"traffic": traffic})
    assert "root" not in (await alice.page("hub/home")).text


async def test_what_others_share_with_me(alice: Person, hub: Hub) -> None:
    assert "Shared with me" not in (await alice.page("hub/home")).text
    await hub.servers.start("bob", "", "quick")
    await hub.servers.wait("bob", "", 5)
    await hub.shares.create("bob", "", Wish(handler="direct", user="alice", expires_in=7200))
    page = (await alice.page("hub/home")).text
    assert "default of <bdi>bob</bdi>" in page or "<bdi>default</bdi> of <bdi>bob</bdi>" in page
    assert 'href="/user/bob/"' in page and "ends in 2 hours" in page


async def test_more_about_a_server(alice: Person) -> None:
    page = (await alice.page("hub/home")).text
    assert 'href="/hub/log/alice"' in page and 'action="/hub/rename/alice"' in page
    assert 'action="/hub/restart/alice"' not in page


async def test_a_banner_while_somebody_records(hub: Hub, alice: Person, root: Person) -> None:
    capture = await hub.captures.start("a <b>bug</b>", Scope(user="alice"), by="user:root")
    text = (await alice.page("hub/home")).text
    assert "<bdi>root</bdi> records requests of yours: “<bdi>a &lt;b&gt;bug&lt;/b&gt;</bdi>”." in text
    assert "records requests of yours" not in (await root.page("hub/home")).text
    await hub.captures.stop(capture.id, "user:root")
    text = (await alice.page("hub/home")).text
    assert "records requests of yours" not in text
    assert "Who recorded your requests" in text
    assert "Who recorded your requests" not in (await root.page("hub/home")).text
