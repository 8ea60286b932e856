"""Log-in and log-out: who gets a session, who gets which refusal, and what is written down."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Forbidden, HubgateError, TooMany, Unavailable
from gateway.hookspecs import LoginRequest
from gateway.hub import sessions as module
from gateway.hub.core import Hub
from gateway.hub.sessions import REFUSED, NewSession
from gateway.model import digest
from gateway.store import audit
from tests.gateway.hub.world import Door, World, a_hub, settings

REQUEST = LoginRequest("192.0.2.7", {})


async def log_in(
    hub: Hub, username: str = "alice", authenticator: str = "", previous: str = "", **form: str
) -> NewSession:
    fields = {"username": username, "password": "right", **form}
    return await hub.sessions.log_in(authenticator, fields, REQUEST, "Firefox", previous)


async def refusal(hub: Hub, **form: str) -> HubgateError:
    with pytest.raises(HubgateError) as caught:
        await log_in(hub, **form)
    return caught.value


async def test_a_log_in(hub: Hub, world: World) -> None:
    new = await log_in(hub)
    assert len(new.value) == 43
    assert (new.session.user, new.session.address, new.session.device) == ("alice", "192.0.2.7", "Firefox")
    assert (new.session.created, new.session.expires_at) == (1000.0, 1000.0 + 1209600)
    assert await hub.sessions.of_user("alice") == [new.session]
    identity, _ = await hub.identities.resolve("session", digest(new.value))
    assert identity and identity.name == "alice" and identity.credential_id == new.session.id
    assert world.told == [("in", "alice")]
    (row, *_) = await hub.store(audit.listing)
    assert (row.actor, row.action, row.detail) == ("user:alice", "login", "192.0.2.7")


async def test_the_value_is_kept_nowhere(hub: Hub, tmp_path: Path) -> None:
    new = await log_in(hub)
    await hub.close()
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            assert new.value.encode() not in file.read_bytes()


async def test_each_log_in_has_a_new_value_and_ends_the_browsers_old_session(hub: Hub) -> None:
    first = await log_in(hub)
    second = await log_in(hub, previous=digest(first.value))
    assert first.value != second.value
    assert (await hub.identities.resolve("session", digest(first.value)))[0] is None
    assert await hub.sessions.of_user("alice") == [second.session]


async def test_a_failed_log_in_ends_nothing(hub: Hub) -> None:
    first = await log_in(hub)
    await refusal(hub, password="wrong", previous=digest(first.value))
    assert (await hub.identities.resolve("session", digest(first.value)))[0]


async def test_names_are_normalised_before_they_are_compared(hub: Hub) -> None:
    assert (await log_in(hub, "  ALICE ")).session.user == "alice"


@pytest.mark.parametrize(
    "form",
    [
        {"password": "wrong"},
        {"username": "stranger"},
        {"username": "blocked"},
        {"username": "disabled"},
        {"username": "../x"},
        {"username": "x" * 300},
        {"authenticator": "nonsense"},
    ],
    ids=str,
)
async def test_every_refusal_reads_the_same(world: World, tmp_path: Path, form: dict[str, str]) -> None:
    chosen = settings(tmp_path, authenticator={"blocked_users": ["blocked"]})
    async with a_hub(world, chosen, "alice", "blocked", "disabled") as hub:
        await hub.users.set_disabled("disabled", True)
        error = await refusal(hub, **form)
        assert isinstance(error, Forbidden)
        assert error.message == REFUSED
        assert await hub.sessions.of_user(form.get("username", "")) == []
        assert await hub.users.get(form.get("username", "")) is None or form.get("username") != "stranger"


@pytest.mark.parametrize("people", [{"allow_all": True}, {"allowed_users": ["eve"]}, {"admin_users": ["eve"]}], ids=str)
async def test_a_newcomer_is_made_when_the_settings_let_her_in(
    world: World, tmp_path: Path, people: dict[str, Any]
) -> None:
    async with a_hub(world, settings(tmp_path, authenticator=people)) as hub:
        await log_in(hub, "eve")
        user = await hub.users.get("eve")
        assert user and user.admin == ("admin_users" in people)


async def test_the_first_authenticator_is_the_default_and_others_go_by_name(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Door.authenticate

    async def noted(self: Door, *args: Any) -> Any:
        asked.append(self.name)
        return await real(self, *args)

    monkeypatch.setattr(Door, "authenticate", noted)
    await log_in(hub)
    await log_in(hub, authenticator="side")
    await refusal(hub, password="wrong")
    assert asked == ["door", "side", "door"], "a password is shown to one authenticator only"


async def test_groups_and_admin_come_from_the_provider_if_it_has_an_opinion(hub: Hub) -> None:
    await log_in(hub, groups="class staff", admin="yes")
    user = await hub.users.get("alice")
    assert user and user.groups == ("class", "staff") and user.admin
    await log_in(hub)
    assert await hub.users.get("alice") == user
    await log_in(hub, groups="", admin="no")
    user = await hub.users.get("alice")
    assert user and user.groups == () and not user.admin


@pytest.mark.parametrize("form", [{"bug": "1"}, {"nonsense": "1"}], ids=str)
async def test_a_broken_authenticator_is_said_to_be_away(
    hub: Hub, form: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    error = await refusal(hub, **form)
    assert isinstance(error, Unavailable) and error.retry_after
    assert "authenticator door" in caplog.text


async def test_one_that_hangs_does_so_for_a_while_only(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(Door, "authenticate", hang)
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    assert isinstance(await refusal(hub), Unavailable)


@pytest.mark.parametrize("error", [Forbidden("Ask the secretary."), TooMany("Slow down.", retry_after=9)])
async def test_what_an_authenticator_refuses_in_words_is_passed_on(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, error: HubgateError
) -> None:
    async def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Door, "authenticate", refuse)
    assert await refusal(hub) is error


async def test_what_strangers_type_is_written_down_short_and_harmless(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    await refusal(hub, username="a\x1b[31m\n" + "x" * 1_000_000, password="hunter2hunter2")
    assert len(caplog.text) < 2000
    (row, *_) = await hub.store(audit.listing)
    assert (row.action, row.detail) == ("login.refused", "192.0.2.7")
    assert row.subject.startswith(r"a\x1b[31m\nxxx") and len(row.subject) < 200
    assert "hunter2" not in caplog.text


async def test_a_log_out_is_in_the_audit_once(hub: Hub) -> None:
    here = await log_in(hub)
    for _ in range(2):
        await hub.sessions.log_out(digest(here.value))
    found = [entry for entry in await hub.audit(50) if entry.action == "logout"]
    assert [(entry.actor, entry.subject, entry.detail) for entry in found] == [("user:alice", "alice", here.session.id)]


async def test_log_out(hub: Hub) -> None:
    here, there = await log_in(hub), await log_in(hub)
    await hub.sessions.log_out(digest(here.value))
    assert await hub.sessions.of_user("alice") == [there.session]
    await hub.sessions.log_out(digest(here.value))
    await hub.sessions.log_out_everywhere("alice")
    assert await hub.sessions.of_user("alice") == []
    assert (await hub.identities.resolve("session", digest(there.value)))[0] is None
