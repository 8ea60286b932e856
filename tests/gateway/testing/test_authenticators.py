"""The suite lets good authenticators through (tests/contracts), and finds what is wrong with these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from gateway.hookspecs import Arrival, Authenticator, Departure, LoginRequest, NoOptions, RedirectAuthenticator
from gateway.model import Login
from gateway.testing.authenticators import AuthenticatorSuite, RedirectSuite


class Good(Authenticator):
    name = "good"

    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        name = form.get("username", "").strip().lower()
        return Login(name) if name == "alice" and form.get("password") == "x" else None


class Lax(BaseModel):
    """Takes any key."""


class TakesAnyKey(Good):
    Options = Lax


class KeepsCase(Good):
    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        return Login(form["username"]) if form.get("username", "").strip().lower() == "alice" else None


class Everybody(Good):
    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        return Login(form.get("username", "").strip().lower())


class Falls(Good):
    async def authenticate(self, form: Mapping[str, str], request: LoginRequest) -> Login | None:
        return Login(form["username"].strip().lower())


class Claims(Good):
    async def has_password(self, name: str) -> bool:
        return True


def suite(cls: type[Authenticator], *bases: type[Any]) -> Any:
    class Suite(*(bases or (AuthenticatorSuite,))):  # type: ignore[misc]
        authenticator = cls
        good: ClassVar = {"username": "alice", "password": "x"}

    return Suite()


def checks(made: Any) -> list[Callable[[], None]]:
    return [getattr(made, name) for name in dir(made) if name.startswith("test_")]


def test_a_good_one() -> None:
    for test in checks(suite(Good)):
        test()


@pytest.mark.parametrize("bad", [TakesAnyKey, KeepsCase, Everybody, Falls, Claims])
def test_a_bad_one(bad: type[Authenticator]) -> None:
    failures = 0
    for test in checks(suite(bad)):
        try:
            test()
        except BaseException:  # noqa: BLE001  # pytest.fail's is none
            failures += 1
    assert failures


class Provider(RedirectAuthenticator):
    name = "provider"
    Options = NoOptions
    believes: ClassVar[bool] = False

    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        return Departure(f"https://id.example/?state={state}", {"for": state})

    async def finish(self, arrival: Arrival, request: LoginRequest) -> Login | None:
        name = arrival.query.get("name", "")
        right = isinstance(arrival.memory, dict) and arrival.query.get("for") == arrival.memory["for"]
        return Login(name) if name and (right or self.believes) else None


class Believes(Provider):
    believes = True


class Forgets(Provider):
    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        return Departure("https://id.example/?state=x")


class ProviderSuite(RedirectSuite):
    def arrive(self, departure: Departure) -> Mapping[str, str]:
        return {"name": "alice", "for": departure.memory["for"] if isinstance(departure.memory, dict) else ""}


def provider_suite(cls: type[Authenticator]) -> Any:
    class Suite(ProviderSuite):
        authenticator = cls

    return Suite()


def test_providers() -> None:
    for test in checks(provider_suite(Provider)):
        test()
    with pytest.raises(AssertionError):
        provider_suite(Believes).test_who_proves_nothing_is_nobody()
    with pytest.raises(AssertionError, match="for another browser"):
        provider_suite(Believes).test_who_comes_back_logs_in_once()
    with pytest.raises((AssertionError, KeyError)):
        provider_suite(Forgets).test_it_sends_people_away_with_the_state()
