from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from gateway.errors import TooMany
from gateway.hub.core import Hub
from gateway.model import Server
from tests.api.person import Person, proof


def chosen(text: str) -> list[str]:
    """The profile whose button is the primary one."""
    return [name for name, form in forms(text).items() if 'class="primary"' in form]


def forms(text: str) -> dict[str, str]:
    """The HTML of each profile's form, by the profile's name."""
    found = re.findall(r"<form .*?</form>", text, re.DOTALL)
    return {re.findall(r'name="profile" value="(\w+)"', form)[0]: form for form in found}


async def test_it_shows_and_starts_nothing(alice: Person, hub: Hub) -> None:
    for path in (
        "hub/spawn",
        "hub/spawn?opt-profile=slow",
        "hub/spawn/alice?profile=quick&start=1",
        "hub/spawn/alice/gpu",
    ):
        page = await alice.page(path)
        assert page.status_code == 200
        assert page.text.count('<button class="primary"') == 1
    assert not hub.servers.active()
    assert len(await hub.servers.of_user("alice")) == 1


async def test_the_choice(alice: Person, hub: Hub) -> None:
    page = await alice.page("hub/spawn")
    assert re.findall(r'name="profile" value="(\w+)"', page.text) == ["quick", "slow", "bad", "form", "aware"]
    assert "Quick &amp; &lt;b&gt;bold" in page.text
    assert chosen(page.text) == ["quick"]
    assert chosen((await alice.page("hub/spawn?opt-profile=slow")).text) == ["slow"]
    assert chosen((await alice.page("hub/spawn?opt-profile=secret")).text) == ["quick"]
    await hub.servers.start("alice", "", "bad")
    await hub.servers.stopped("alice", "", 5)
    assert chosen((await alice.page("hub/spawn")).text) == ["bad"]


async def test_start(alice: Person, hub: Hub) -> None:
    result = await alice.submit("hub/spawn", {"profile": "quick"})
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/spawn-pending/alice")
    assert (await hub.servers.wait("alice", "", 5)).state == "ready"
    result = await alice.submit("hub/spawn/alice/gpu", {"profile": "slow", "next": "/user/alice/gpu/lab?x=1"})
    assert result.headers["Location"] == "/hub/spawn-pending/alice/gpu?next=%2Fuser%2Falice%2Fgpu%2Flab%3Fx%3D1"


async def test_without_a_profile_the_default_starts(alice: Person, hub: Hub) -> None:
    assert (await alice.submit("hub/spawn", {})).status_code == 302
    assert (await hub.servers.wait("alice", "", 5)).profile == "quick"


async def test_a_running_server_is_opened(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    assert (await alice.page("hub/spawn")).headers["Location"] == "/user/alice/"
    assert (await alice.page("hub/spawn?next=/user/alice/lab")).headers["Location"] == "/user/alice/lab"
    assert (await alice.page("hub/spawn?next=//evil")).headers["Location"] == "/user/alice/"


async def test_pressed_twice(alice: Person, hub: Hub) -> None:
    key = proof(await alice.page("hub/spawn"))
    for _ in range(2):
        result = await alice.post("hub/spawn", {"profile": "slow", "_xsrf": key})
        assert (result.status_code, result.headers["Location"]) == (302, "/hub/spawn-pending/alice")
    assert (await alice.page("hub/spawn?next=/a")).headers["Location"] == "/hub/spawn-pending/alice?next=%2Fa"
    assert len(hub.servers.active()) == 1


@pytest.mark.parametrize("profile", ["nothing", "secret", "<script>alert(1)</script>"])
async def test_a_profile_that_is_not_there(alice: Person, hub: Hub, profile: str) -> None:
    page = await alice.submit("hub/spawn", {"profile": profile, "next": "/a"})
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert 'name="next" value="/a"' in page.text
    assert "<script>alert" not in page.text
    assert not hub.servers.active()


async def test_a_full_queue(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> object:
        raise TooMany("The queue is full", retry_after=9)

    monkeypatch.setattr(hub.servers, "start", full)
    page = await alice.submit("hub/spawn", {"profile": "slow"})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "9")
    assert "The queue is full" in page.text
    assert chosen(page.text) == ["slow"]


async def test_a_new_server_by_the_form_of_the_home_page(alice: Person) -> None:
    assert (await alice.page("hub/spawn?server=gpu")).headers["Location"] == "/hub/spawn/alice/gpu"
    page = await alice.page("hub/spawn?server=No%20Name")
    assert page.status_code == 400
    assert "A server&#39;s name must have" in page.text


async def test_an_admin_starts_for_somebody_else(root: Person, hub: Hub) -> None:
    page = await root.page("hub/spawn/alice")
    assert "A server of <bdi>alice</bdi>" in page.text
    assert (await root.submit("hub/spawn/alice", {"profile": "quick"})).status_code == 302
    assert (await hub.servers.wait("alice", "", 5)).state == "ready"
    assert (await root.page("hub/spawn/nobody")).status_code == 404


async def test_nobody_starts_for_others(alice: Person, hub: Hub) -> None:
    key = proof(await alice.page("hub/spawn"))
    for user in ("bob", "nobody"):
        assert (await alice.page(f"hub/spawn/{user}")).status_code == 404
        assert (await alice.post(f"hub/spawn/{user}", {"_xsrf": key})).status_code == 404
    assert not hub.servers.active()


async def test_a_stranger_is_asked_to_log_in(stranger: Person) -> None:
    for path in ("hub/spawn", "hub/spawn/alice", "hub/spawn/nobody/x"):
        result = await stranger.page(path)
        assert result.status_code == 302
        assert result.headers["Location"].startswith("/hub/login?next=")


# ── forms ────────────────────────────────────────────────────────────────────


def shown(form: str) -> dict[str, str]:
    """What stands in each field of a form, as a browser would send it."""
    values = {}
    for name, value in re.findall(r'<input[^>]* name="opt-(\w+)" value="([^"]*)"', form):
        values[name] = value
    for name in re.findall(r'type="checkbox"[^>]* name="opt-(\w+)" value="true"(?! checked)', form):
        values[name] = "false"
    for name, body in re.findall(r'<select[^>]* name="opt-(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values[name] = re.findall(r'value="(\w+)" selected', body + re.sub('(?<=")>', " selected>", body))[0]
    return values


def errors(text: str) -> dict[str, str]:
    return dict(re.findall(r'<p class="wrong" id="form-(\w+)-error" role="alert">(.*?)</p>', text))


FILLED = {"folder": "x", "workers": "4", "share": "0.5", "debug": "true", "size": "l"}


def as_form(**values: str) -> dict[str, str]:
    return {"profile": "form", **{f"opt-{name}": value for name, value in values.items()}}


async def test_a_form_is_shown_with_its_defaults_and_markup_stays_text(alice: Person) -> None:
    page = (await alice.page("hub/spawn")).text
    form = forms(page)["form"]
    assert shown(form) == {"folder": "a &amp; &lt;b&gt;", "workers": "2", "share": "0", "debug": "false", "size": "s"}
    assert "Small &amp; &lt;b&gt;" in form
    assert "Where &lt;i&gt;it&lt;/i&gt; works" in form
    assert "It asks &lt;i&gt;first&lt;/i&gt;." in page
    assert 'min="1" max="8" required' in form
    assert 'step="any"' in form
    assert 'maxlength="20" required' in form
    assert "opt-" not in forms(page)["quick"]


async def test_what_was_put_in_reaches_the_server_and_is_remembered(alice: Person, hub: Hub) -> None:
    result = await alice.submit("hub/spawn", as_form(**FILLED))
    assert result.status_code == 302
    record = await hub.servers.wait("alice", "", 5)
    assert record.options == {"folder": "x", "workers": 4, "share": 0.5, "debug": True, "size": "l"}
    await hub.servers.stop("alice")
    assert await hub.servers.stopped("alice", "", 5)
    page = await alice.page("hub/spawn")
    assert chosen(page.text) == ["form"]
    assert shown(forms(page.text)["form"]) == FILLED
    assert (await alice.submit("hub/spawn", {"profile": "form"})).status_code == 302
    assert (await hub.servers.wait("alice", "", 5)).options == record.options


async def test_each_wrong_field_says_so_beside_itself(alice: Person, hub: Hub) -> None:
    wrong = {"folder": "", "workers": "9", "share": "<b>", "debug": "perhaps", "size": "xl"}
    page = await alice.submit("hub/spawn", {**as_form(**wrong), "next": "/a"})
    assert page.status_code == 400
    assert errors(page.text) == {
        "folder": "Folder must not be empty",
        "workers": "Workers must be at most 8",
        "share": "Share must be a number",
        "debug": "Debug must be true or false",
        "size": "Size must be one of: s, l",
    }
    assert list(forms(page.text)) == ["form"]
    assert shown(forms(page.text)["form"]) == {
        "folder": "", "workers": "9", "share": "&lt;b&gt;", "debug": "false", "size": "s",
    }  # fmt: skip
    assert page.text.count('aria-invalid="true"') == 5
    assert 'aria-describedby="form-folder-error form-folder-help"' in page.text
    assert 'name="next" value="/a"' in page.text
    assert not hub.servers.active()


async def test_what_is_wrong_is_said_in_german(alice: Person) -> None:
    sent = {**as_form(workers="9", size="xl"), "opt-colour": "red"}
    page = await alice.submit("hub/spawn", sent, Accept_Language="de")
    assert errors(page.text) == {
        "workers": "„Workers“ darf höchstens 8 sein",
        "size": "„Size“ muss eines hiervon sein: s, l",
    }
    assert "„colour“ ist keine Option von form; es gibt: " in page.text


async def test_a_link_fills_the_form_and_starts_nothing(alice: Person, hub: Hub) -> None:
    page = await alice.page("hub/spawn?opt-profile=form&opt-workers=7&opt-debug=1&opt-size=l&next=/a")
    assert page.status_code == 200
    assert list(forms(page.text)) == ["form"]
    assert page.text.count('<button class="primary"') == 1
    assert shown(forms(page.text)["form"]) == {
        "folder": "a &amp; &lt;b&gt;", "workers": "7", "share": "0", "debug": "true", "size": "l",
    }  # fmt: skip
    assert 'href="/hub/spawn/alice"' in page.text
    assert errors(page.text) == {}
    assert not hub.servers.active()


async def test_a_link_that_is_wrong_says_so_at_once(alice: Person) -> None:
    page = await alice.page("hub/spawn?opt-profile=form&opt-workers=70&opt-colour=red")
    assert page.status_code == 200
    assert errors(page.text) == {"workers": "Workers must be at most 8"}
    assert "colour is no option of form" in page.text


async def test_the_same_by_the_api(alice: Person, hub: Hub, program: Callable[..., Awaitable[Person]]) -> None:
    token = await program("alice")
    body = {"user_options": {"profile": "form", "workers": 9, "size": "xl"}}
    result = await token.api("POST", "users/alice/server", body)
    assert result.status_code == 400
    assert result.json["message"] == "workers must be at most 8; size must be one of: s, l"
    body = {"user_options": {"profile": "form", "workers": 8}}
    assert (await token.api("POST", "users/alice/server", body)).status_code == 201
    assert (await hub.servers.get("alice") or Server("", "")).options["workers"] == 8
