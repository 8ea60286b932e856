"""What every plugin of a kind must do. Call these from the plugin's own test.

    async def test_contract() -> None:
        await authenticator_contract(lambda: make(), good={"username": "alice", …})

They take a factory, so that what must survive a restart can be seen to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import Forbidden, HubgateError, StartFailed, TooMany
from gateway.hookspecs import Authenticator, Invitations, LoginRequest, ShareHandler, Spawner
from gateway.model import Grant, Invitation, Launch, Option, Server, ShareRequest, User, checked_name
from tests.plugins.launches import PATIENCE, ignore, listens, started

REQUEST = LoginRequest(address="127.0.0.1", headers={})

HOSTILE_FORMS: tuple[Mapping[str, str], ...] = (
    {},
    {"username": ""},
    {"password": "x"},
    {"username": "\0", "password": "\0"},
    {"username": "\ud800", "password": "\udfff"},
    {"username": "a" * 1_000_000, "password": "b" * 1_000_000},
    {"username": "../../etc/passwd", "password": "x"},
    {"username": "a/b", "password": "x"},
    {"username": "\x1b[31m\r\nX", "password": "x"},
)


async def authenticator_contract(make: Callable[[], Authenticator], good: Mapping[str, str]) -> None:
    """`make()` gives a new instance on the same storage; `good` is a form that it accepts."""
    _options_refuse_unknown_keys(make())
    await _a_good_form_logs_in(make, good)
    await _hostile_forms_do_no_harm(make())
    await _passwords_are_there_or_said_not_to_be(make)
    await make().forget("nobody-of-that-name")
    assert all(isinstance(text, str) and text for text in make().warnings())


def _options_refuse_unknown_keys(authenticator: Authenticator) -> None:
    assert isinstance(authenticator.options, type(authenticator).Options)
    with pytest.raises(ValidationError):
        type(authenticator).Options.model_validate({"no_such_key": 1})


async def _a_good_form_logs_in(make: Callable[[], Authenticator], good: Mapping[str, str]) -> None:
    for authenticator in (make(), make()):
        login = await authenticator.authenticate(good, REQUEST)
        assert login is not None
        assert login.name == checked_name(login.name)
    shouted = {**good, "username": f" {good['username'].upper()} "}
    again = await make().authenticate(shouted, REQUEST)
    assert again is not None
    assert again.name == login.name


async def _hostile_forms_do_no_harm(authenticator: Authenticator) -> None:
    """None or a refusal in words; nobody whom the hub could not create."""
    for form in HOSTILE_FORMS:
        try:
            login = await authenticator.authenticate(form, REQUEST)
        except (Forbidden, TooMany) as refusal:
            assert refusal.message
        else:
            assert login is None or login.name == checked_name(login.name)


async def _passwords_are_there_or_said_not_to_be(make: Callable[[], Authenticator]) -> None:
    authenticator, name, password = make(), "carol of the contract", "a password that is long enough"
    assert not await authenticator.has_password(name)
    try:
        await authenticator.set_password(name, password)
    except NotImplementedError:
        assert not await authenticator.has_password(name)
        return
    assert await make().has_password(name.upper())
    assert await make().authenticate({"username": name, "password": password}, REQUEST)
    assert await make().authenticate({"username": name, "password": password + "!"}, REQUEST) is None
    for unfit in ("", "x", "x" * 1_000_000):
        with pytest.raises(HubgateError, match="password must"):
            await authenticator.set_password(name, unfit)
    await authenticator.forget(name)
    assert not await make().has_password(name)
    assert await make().authenticate({"username": name, "password": password}, REQUEST) is None


async def spawner_contract(make: Callable[[], Spawner], good: Launch, impossible: Launch) -> None:
    """`make()` gives a new instance, as after a hub restart; `good` starts a server that answers
    HTTP and passes `check`; `impossible` cannot be started. Each with a start id of its own.
    """
    spawner = make()
    _spawner_is_configured(spawner, good)
    await _what_cannot_start_leaves_nothing(spawner, impossible)
    await _what_never_started_is_not_there(spawner, good)
    launch = await _it_starts(spawner, good)
    await _it_is_adopted(make, launch)
    await _it_stops(spawner, launch)
    await _it_is_killed(spawner, good)
    await _what_was_chosen_is_data(spawner, good)
    await _limits_hold_or_are_refused(spawner, good)


def _spawner_is_configured(spawner: Spawner, launch: Launch) -> None:
    assert isinstance(spawner.options, type(spawner).Options)
    with pytest.raises(ValidationError):
        type(spawner).Options.model_validate({"no_such_key": 1})
    assert all(isinstance(text, str) and text for text in spawner.warnings())
    assert list(spawner.mistakes(launch.profile)) == []


async def _what_cannot_start_leaves_nothing(spawner: Spawner, launch: Launch) -> None:
    with pytest.raises(StartFailed) as failure:
        await spawner.start(launch, ignore)
    assert failure.value.message
    assert await spawner.adopt(launch) is None


async def _what_never_started_is_not_there(spawner: Spawner, launch: Launch) -> None:
    assert await spawner.adopt(launch) is None
    assert await spawner.poll(launch) is not None
    await spawner.stop(launch, now=False)
    await spawner.stop(launch, now=True)


async def _it_starts(spawner: Spawner, launch: Launch) -> Launch:
    steps: list[tuple[int, str]] = []
    target = await spawner.start(launch, lambda percent, message: steps.append((percent, message)))
    assert all(0 <= percent < 100 and message for percent, message in steps)
    assert target.url.startswith("http://")
    assert json.loads(json.dumps(target.state)) == target.state
    launch = started(launch, target)
    assert await spawner.poll(launch) is None
    await listens(target)
    await spawner.check(launch)
    return launch


async def _it_is_adopted(make: Callable[[], Spawner], launch: Launch) -> None:
    """With its target kept, and by its start id alone."""
    for known in (launch, started(launch, None)):
        spawner = make()
        adopted = await spawner.adopt(known)
        assert adopted == launch.server.target
        assert await spawner.poll(started(launch, adopted)) is None


async def _it_stops(spawner: Spawner, launch: Launch) -> None:
    watch = asyncio.create_task(spawner.died(launch))
    await asyncio.sleep(0.05)
    assert not watch.done()
    await spawner.stop(launch, now=False)
    assert isinstance(await asyncio.wait_for(watch, PATIENCE), int)
    assert await spawner.poll(launch) is not None
    assert await spawner.adopt(launch) is None
    await spawner.stop(launch, now=False)


async def _it_is_killed(spawner: Spawner, launch: Launch) -> None:
    """Also tells that the same launch can be started again."""
    launch = await _it_starts(spawner, launch)
    await spawner.stop(launch, now=True)
    assert await spawner.poll(launch) is not None
    assert isinstance(await asyncio.wait_for(spawner.died(launch), PATIENCE), int)


# ── share handlers ───────────────────────────────────────────────────────────

SHARED = Server("alice", "gpu")
ASKED = ShareRequest(scopes=("access:servers!server=alice/gpu",), now=1000.0, expires_at=2000.0)

HOSTILE_CODES = ("", "\0", "\ud800", "x" * 1_000_000, "../../etc/passwd", "' OR 1=1 --", "%", "\x1b[31m\r\nX")


class KeptInMemory:
    """What the hub keeps for a handler, without the hub."""

    def __init__(self) -> None:
        self.kept: dict[str, Invitation] = {}

    def keep(self, invitation: Invitation) -> Invitation:
        self.kept[invitation.code] = replace(invitation, id=str(len(self.kept) + 1), code="")
        return self.kept[invitation.code]

    async def find(self, code: str) -> Invitation | None:
        return self.kept.get(code)


async def share_handler_contract(
    make: Callable[[Invitations], ShareHandler], asked: ShareRequest = ASKED
) -> tuple[Invitation, Grant | None]:
    """`asked` is a request that it takes. Gives what it made, and what bob gets for the code if there is one."""
    kept = KeptInMemory()
    made = await make(kept).create(SHARED, asked)
    assert (made.owner, made.server) == ("alice", "gpu")
    assert set(made.scopes) <= set(asked.scopes), "no more than was asked for"
    assert bool(made.code) != bool(made.grants), "by a code, or at once"
    assert made.created == asked.now
    for grant in made.grants:
        _is_within(grant, asked)
        assert (grant.user, grant.group) == (asked.user, asked.group)
    if made.code:
        assert len(made.code) >= 22, "128 bits or more"
        assert (await make(KeptInMemory()).create(SHARED, asked)).code != made.code
        kept.keep(made)
    for code in HOSTILE_CODES:
        try:
            assert await make(kept).accept(code, User("bob")) is None
        except HubgateError as refusal:
            assert refusal.message
    grant = await make(kept).accept(made.code, User("bob")) if made.code else None
    if grant is not None:
        _is_within(grant, asked)
        assert (grant.user, grant.invitation) == ("bob", "1")
    for one in (*made.grants, *([grant] if grant else [])):
        await make(kept).revoke(one)
        await make(kept).revoke(one)
    assert all(isinstance(text, str) and text for text in make(kept).warnings())
    return made, grant


def _is_within(grant: Grant, asked: ShareRequest) -> None:
    assert (grant.owner, grant.server) == ("alice", "gpu")
    assert grant.scopes and set(grant.scopes) <= set(asked.scopes)
    if asked.expires_at is not None and not asked.lasting:
        assert grant.expires_at is not None and grant.expires_at <= asked.expires_at


HOSTILE_VALUES = ("", "a b", "'; exit 1 #", "$(exit 1)", "`exit 1`", "{port}", "{{home}}", "../../etc", "%s%n", "ünï")


async def _what_was_chosen_is_data(spawner: Spawner, launch: Launch) -> None:
    """Values of options are arguments and nothing else, wherever the profile puts them."""
    option = Option("x", "text", "X")
    env = {**launch.profile.env, "CHOSEN": "{opt_x}"}
    profile = replace(launch.profile, options=(option,), env=env)
    assert list(spawner.mistakes(profile)) == []
    for value in HOSTILE_VALUES:
        server = replace(launch.server, options={"x": value})
        running = await _it_starts(spawner, replace(launch, server=server, profile=profile))
        await spawner.stop(running, now=True)
        assert await spawner.poll(running) is not None
    # The settings may have got an option since the last start.
    running = await _it_starts(spawner, replace(launch, profile=profile))
    await spawner.stop(running, now=True)


async def _limits_hold_or_are_refused(spawner: Spawner, launch: Launch) -> None:
    """A limit that a spawner cannot enforce it says so of; it never ignores one."""
    limits: tuple[dict[str, Any], ...] = ({"memory": 2**30}, {"cpu_seconds": 60}, {"open_files": 256})
    for limit in limits:
        profile = replace(launch.profile, **limit)
        try:
            running = await _it_starts(spawner, replace(launch, profile=profile))
        except StartFailed as failure:
            assert failure.message
        else:
            await spawner.stop(running, now=True)
