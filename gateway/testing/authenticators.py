"""What every authenticator must do, and every one that sends people to a provider."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from gateway.errors import Forbidden, HubgateError, TooMany
from gateway.hookspecs import Arrival, Authenticator, Departure, LoginRequest, RedirectAuthenticator, Storage
from gateway.model import Login, checked_name
from gateway.testing.fakes import MemoryStorage

REQUEST = LoginRequest(address="127.0.0.1", headers={})
CALLBACK = "https://hub.example.org/hub/auth/it/callback"
HEADER = re.compile(r"[A-Za-z0-9-]+")
MEMORY = 2048
"""Bytes of a departure's memory."""

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
HOSTILE_QUERIES: tuple[Mapping[str, str], ...] = (
    {},
    {"code": ""},
    {"code": "\0"},
    {"code": "\ud800"},
    {"code": "x" * 1_000_000},
    {"code": "../../x", "iss": "https://evil.example"},
    {"error": "access_denied", "error_description": "<script>"},
    {"username": "root", "name": "root"},
)


class AuthenticatorSuite:
    """Subclass it as `Test…` and say these."""

    authenticator: ClassVar[type[Authenticator]]
    options: ClassVar[Mapping[str, Any]] = {}
    good: ClassVar[Mapping[str, str] | None] = None
    """A form that it accepts; None if no form is enough."""
    request: ClassVar[LoginRequest] = REQUEST
    """Who comes with `good`."""

    def make(self, storage: Storage) -> Authenticator:
        """A new instance on this storage, as after a restart."""
        return self.authenticator(self.authenticator.Options.model_validate(self.options), storage)

    def maker(self) -> Callable[[], Authenticator]:
        storage = MemoryStorage()
        return lambda: self.make(storage)

    def test_it_is_configured(self) -> None:
        is_configured(self.make(MemoryStorage()))

    def test_a_good_form_logs_in(self) -> None:
        if self.good is not None:
            asyncio.run(a_good_form_logs_in(self.maker(), self.good, self.request))

    def test_hostile_forms_do_no_harm(self) -> None:
        asyncio.run(hostile_forms_do_no_harm(self.make(MemoryStorage())))

    def test_passwords_are_there_or_said_not_to_be(self) -> None:
        asyncio.run(passwords_are_there_or_said_not_to_be(self.maker()))

    def test_whom_it_does_not_know_it_can_forget(self) -> None:
        asyncio.run(forgets(self.make(MemoryStorage())))


class RedirectSuite(AuthenticatorSuite):
    """For a `RedirectAuthenticator`, beside what holds for all."""

    def arrive(self, departure: Departure) -> Mapping[str, str]:
        """What the provider sends along when somebody has logged in there; {} if that cannot be shown."""
        return {}

    def provider(self) -> RedirectAuthenticator:
        made = self.make(MemoryStorage())
        assert isinstance(made, RedirectAuthenticator)
        return made

    def test_it_sends_people_away_with_the_state(self) -> None:
        asyncio.run(sends_away(self.provider()))

    def test_who_proves_nothing_is_nobody(self) -> None:
        asyncio.run(proves_nothing(self.provider()))

    def test_who_comes_back_logs_in_once(self) -> None:
        asyncio.run(comes_back(self.provider(), self.arrive))


async def authenticator_contract(make: Callable[[], Authenticator], good: Mapping[str, str]) -> None:
    """All of it in one call: `make()` gives a new instance on the same storage; `good` is a form that it accepts."""
    is_configured(make())
    await a_good_form_logs_in(make, good, REQUEST)
    await hostile_forms_do_no_harm(make())
    await passwords_are_there_or_said_not_to_be(make)
    await forgets(make())


def is_configured(authenticator: Authenticator) -> None:
    """Its options refuse unknown keys, and what it says of itself can be shown."""
    assert isinstance(authenticator.options, type(authenticator).Options)
    with pytest.raises(ValidationError):
        type(authenticator).Options.model_validate({"no_such_key": 1})
    assert type(authenticator).name
    assert type(authenticator).name.isprintable()
    assert all(isinstance(text, str) and text for text in authenticator.warnings())
    assert all(
        header.isascii() and header.isprintable() and " " not in header for header in authenticator.proxy_headers()
    )
    assert authenticator.refresh_seconds >= 0


async def a_good_form_logs_in(
    make: Callable[[], Authenticator], good: Mapping[str, str], request: LoginRequest = REQUEST
) -> None:
    """Again after a restart, and however the name is typed."""
    shouted = {**good, "username": f" {good['username'].upper()} "} if "username" in good else good
    names = set()
    for form in (good, good, shouted):
        login = await make().authenticate(form, request)
        assert login is not None
        assert login.name == checked_name(login.name)
        names.add(login.name)
    assert len(names) == 1


async def hostile_forms_do_no_harm(authenticator: Authenticator) -> None:
    """None or a refusal in words; nobody whom the hub could not create."""
    for form in HOSTILE_FORMS:
        try:
            login = await authenticator.authenticate(form, REQUEST)
        except (Forbidden, TooMany) as refusal:
            assert refusal.message
        else:
            assert login is None or login.name == checked_name(login.name)


async def passwords_are_there_or_said_not_to_be(make: Callable[[], Authenticator]) -> None:
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


async def forgets(authenticator: Authenticator) -> None:
    await authenticator.forget("nobody-of-that-name")
    await authenticator.rename("nobody-of-that-name", "nor-of-that")


async def sends_away(provider: RedirectAuthenticator) -> None:
    """To an absolute URL, with the state as it is; what it remembers is small, and not in the URL as a whole."""
    urls = set()
    for state in ("s" * 43, "t" * 43):
        departure = await provider.begin(state, CALLBACK, REQUEST)
        parts = urlsplit(departure.url)
        assert parts.scheme in ("https", "http")
        assert parts.netloc
        assert parse_qs(parts.query)["state"] == [state]
        assert len(json.dumps(departure.memory)) <= MEMORY
        urls.add(departure.url)
    assert len(urls) == 2  # one for each


async def proves_nothing(provider: RedirectAuthenticator) -> None:
    """Whatever anybody writes into the callback's query: None, a refusal or a failure, and no log-in."""
    departure = await provider.begin("s" * 43, CALLBACK, REQUEST)
    for query in HOSTILE_QUERIES:
        assert await _whoever(provider, Arrival(query, CALLBACK, departure.memory)) is None


async def comes_back(provider: RedirectAuthenticator, arrive: Callable[[Departure], Mapping[str, str]]) -> None:
    """With what the provider says, for the browser that was sent; for another one it proves nothing."""
    mine, other = [await provider.begin(each * 43, CALLBACK, REQUEST) for each in "st"]
    query = arrive(mine)
    if not query:
        return
    login = await provider.finish(Arrival(query, CALLBACK, mine.memory), REQUEST)
    assert login is not None
    assert login.name == checked_name(login.name)
    assert await provider.authenticate({"username": login.name, "password": ""}, REQUEST) is None
    if mine.memory is not None:
        assert await _whoever(provider, Arrival(query, CALLBACK, other.memory)) is None, "it was for another browser"


async def _whoever(provider: RedirectAuthenticator, arrival: Arrival) -> Login | None:
    """Who logs in by this; a failure is nobody."""
    try:
        return await provider.finish(arrival, REQUEST)
    except Exception as refusal:  # noqa: BLE001  # the hub lets nobody in for any of them
        assert not isinstance(refusal, HubgateError) or refusal.message
        return None
