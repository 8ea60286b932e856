"""Presets by forms alone: kept, started from, linked to, removed; judged at every use."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest

from gateway.hub.core import Hub
from gateway.model import Preset
from gateway.store import presets
from tests.api.person import Person, proof
from tests.api.scripted import MARKUP

FORM = {"profile": "form", "opt-folder": "here", "opt-workers": "4", "opt-share": "0.5", "opt-size": "l"}
KEPT = {"folder": "here", "workers": 4, "share": 0.5, "debug": False, "size": "l"}


async def keep(person: Person, name: str = "mine", **more: str) -> None:
    result = await person.submit("hub/spawn", FORM | {"preset_name": name, "keep": "1"} | more)
    assert (result.status_code, result.headers["Location"]) == (302, f"/hub/spawn/{quote('alice')}?done=preset-kept")


async def test_kept_and_started_with_one_click(alice: Person, hub: Hub) -> None:
    await keep(alice)
    assert not hub.servers.active()
    assert await hub.presets.of_user("alice") == [Preset("mine", "form", KEPT)]
    page = (await alice.page("hub/spawn?done=preset-kept")).text
    assert "The preset is kept." in page
    assert "With a form · Folder: here · Workers: 4 · Share: 0.5 · Size: Large" in unescape(page)
    for place in ("hub/spawn", "hub/home"):
        assert "<button" in (page := (await alice.page(place)).text)
        assert re.search(r'<button[^>]* name="preset" value="mine"', page)
    result = await alice.post("hub/spawn/alice", {"_xsrf": proof(await alice.page("hub/home")), "preset": "mine"})
    assert result.headers["Location"] == "/hub/spawn-pending/alice"
    server = await hub.servers.wait("alice", "", 5)
    assert (server.profile, server.options) == ("form", KEPT)


async def test_kept_while_it_is_started(alice: Person, hub: Hub) -> None:
    result = await alice.submit("hub/spawn", FORM | {"preset_name": "mine"})
    assert result.headers["Location"] == "/hub/spawn-pending/alice"
    assert [each.name for each in await hub.presets.of_user("alice")] == ["mine"]


async def test_a_link_shows_it_and_starts_nothing(alice: Person, hub: Hub) -> None:
    await keep(alice)
    page = (await alice.page("hub/spawn?preset=mine")).text
    assert page.count('name="profile"') == 1
    assert 'value="here"' in page
    assert not hub.servers.active()
    assert (await alice.page("hub/spawn?preset=other")).status_code == 404


async def test_removed(alice: Person, hub: Hub) -> None:
    await keep(alice)
    sent = {"name": "mine", "next": "/hub/spawn/alice/gpu"}
    result = await alice.submit("hub/presets/remove", sent, page="hub/spawn")
    assert result.headers["Location"] == "/hub/spawn/alice/gpu?done=preset-removed"
    assert await hub.presets.of_user("alice") == []
    assert (await alice.submit("hub/presets/remove", sent, page="hub/spawn")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"opt-workers": "9"}, "must be at most 8"),
        ({"preset_name": "a" * 61}, "must not be longer"),
        ({"preset_name": "a\u202eb"}, "must be printable"),
        ({"profile": "secret"}, "There is no profile"),
    ],
)
async def test_what_is_not_kept_comes_back_in_the_form(
    alice: Person, hub: Hub, changed: dict[str, str], words: str
) -> None:
    page = await alice.submit("hub/spawn", FORM | {"preset_name": "mine", "keep": "1"} | changed)
    assert page.status_code == 400
    assert words in unescape(page.text)
    assert 'value="here"' in page.text or "profile" in changed
    assert await hub.presets.of_user("alice") == []


async def test_judged_at_every_use(alice: Person, hub: Hub) -> None:
    """The settings have changed since: the form says what does not fit; what is gone can only be removed."""
    await hub.store(presets.put, "alice", Preset("old", "form", KEPT | {"workers": 99}))
    await hub.store(presets.put, "alice", Preset("gone", "nowhere", {"x": 1}))
    await hub.store(presets.put, "alice", Preset("theirs", "secret", {}))
    page = await alice.submit("hub/spawn", {"preset": "old"})
    assert page.status_code == 400
    assert "must be at most 8" in page.text
    for name in ("gone", "theirs"):
        assert (await alice.submit("hub/spawn", {"preset": name})).status_code == 400
    assert not hub.servers.active()
    page = await alice.page("hub/spawn")
    assert "nowhere (cannot be started any more)" in page.text
    assert re.findall(r'name="preset" value="(\w+)"', page.text) == ["old"]


async def test_nobody_uses_anybody_elses(alice: Person, root: Person, hub: Hub) -> None:
    await keep(alice)
    assert (await root.page("hub/spawn/alice?preset=mine")).status_code == 404
    for fields in ({"preset": "mine"}, FORM | {"preset_name": "x", "keep": "1"}, FORM | {"preset_name": "x"}):
        assert (await root.submit("hub/spawn/alice", fields, page="hub/spawn/bob")).status_code == 404
    assert not hub.servers.active()
    assert [each.name for each in await hub.presets.of_user("alice")] == ["mine"]
    assert 'name="preset' not in (await root.page("hub/spawn/alice")).text


async def test_a_name_of_markup_is_text(alice: Person) -> None:
    await keep(alice, MARKUP[:60])
    for place in ("hub/spawn", "hub/home"):
        page = (await alice.page(place)).text
        assert "<script>alert" not in page
        assert MARKUP[:60] in unescape(page)
