from __future__ import annotations

import pytest

from gateway.model import Login
from plugins.authenticators.dummy import DummyAuthenticator, DummyOptions, gateway_authenticators
from tests.plugins.contracts import REQUEST, authenticator_contract
from tests.plugins.storage import MemoryStorage


def dummy(password: str) -> DummyAuthenticator:
    return DummyAuthenticator(DummyOptions(password=password), MemoryStorage())


@pytest.mark.parametrize("password", ["", "open sesame"])
async def test_it_keeps_the_contract(password: str) -> None:
    await authenticator_contract(lambda: dummy(password), {"username": "alice", "password": password or "anything"})


@pytest.mark.parametrize("given", ["", "open", "open sesame ", "Open sesame", "öpen sesame", "\ud800"])
async def test_another_password_is_refused(given: str) -> None:
    assert await dummy("open sesame").authenticate({"username": "alice", "password": given}, REQUEST) is None


async def test_without_a_password_anything_goes() -> None:
    for form in ({"username": "Bob"}, {"username": "bob", "password": "x"}):
        assert await dummy("").authenticate(form, REQUEST) == Login("bob")


async def test_a_password_with_accents_is_the_same_however_it_is_typed() -> None:
    assert await dummy("cafe\u0301").authenticate({"username": "a", "password": "caf\u00e9"}, REQUEST)


def test_it_says_loudly_what_it_means() -> None:
    (shared,), (none,) = dummy("x").warnings(), dummy("").warnings()
    assert "ANY name" in shared
    assert "WITHOUT A PASSWORD" in none


def test_the_hook_offers_it() -> None:
    assert gateway_authenticators() == {"dummy": DummyAuthenticator}
