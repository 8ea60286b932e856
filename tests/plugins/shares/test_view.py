"""To look on: by code or by name, and never more than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import BadInput
from gateway.hookspecs import Invitations, NoOptions
from plugins.shares.view import View
from tests.plugins.contracts import ASKED, SHARED, KeptInMemory, share_handler_contract
from tests.plugins.storage import MemoryStorage


def make(invitations: Invitations) -> View:
    return View(NoOptions(), MemoryStorage(), invitations)


async def test_by_code() -> None:
    made, grant = await share_handler_contract(make, replace(ASKED, path="files/a"))
    assert grant is not None
    assert (made.view_only, made.path, grant.view_only, grant.path) == (True, "files/a", True, "files/a")


@pytest.mark.parametrize("guest", [{"user": "bob"}, {"group": "class"}, {"user": "bob", "expires_at": None}])
async def test_by_name(guest: dict[str, Any]) -> None:
    made, grant = await share_handler_contract(make, replace(ASKED, **guest))
    assert grant is None
    (given,) = made.grants
    assert made.view_only and given.view_only


@pytest.mark.parametrize(
    "wrong", [{"expires_at": None}, {"user": "bob", "group": "class"}, {"user": "x", "max_uses": 1}]
)
async def test_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await make(KeptInMemory()).create(SHARED, replace(ASKED, **wrong))
