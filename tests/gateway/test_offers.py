"""What policies and addons see: frozen, and found by plugins in `gateway.hookspecs`."""

from __future__ import annotations

import dataclasses

import pytest

from gateway import hookspecs, offers


@pytest.mark.parametrize(
    "name", [name for name, each in vars(offers).items() if getattr(each, "__module__", "") == offers.__name__]
)
def test_plugins_find_all_of_it_in_one_place(name: str) -> None:
    assert getattr(hookspecs, name) is getattr(offers, name)


def test_a_denial_is_what_it_is() -> None:
    denial = offers.Denial("closed")
    with pytest.raises(dataclasses.FrozenInstanceError):
        denial.word = "open"  # type: ignore[misc]
    assert offers.ApiAnswer().status == 200
