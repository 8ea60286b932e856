"""Direct grants: to one user or one group, at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import BadInput
from gateway.hookspecs import Invitations, NoOptions
from plugins.shares.direct import Direct
from tests.plugins.contracts import ASKED, SHARED, KeptInMemory, share_handler_contract
from tests.plugins.storage import MemoryStorage


def make(invitations: Invitations) -> Direct:
    return Direct(NoOptions(), MemoryStorage(), invitations)


@pytest.mark.parametrize("guest", [{"user": "bob"}, {"group": "class"}, {"user": "bob", "expires_at": None}])
async def test_contract(guest: dict[str, Any]) -> None:
    asked = replace(ASKED, **guest)
    made, grant = await share_handler_contract(make, asked)
    assert grant is None
    (given,) = made.grants
    assert (given.scopes, given.expires_at, given.created) == (asked.scopes, asked.expires_at, 1000.0)


@pytest.mark.parametrize("wrong", [{}, {"user": "bob", "group": "class"}, {"user": "bob", "max_uses": 1}])
async def test_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await make(KeptInMemory()).create(SHARED, replace(ASKED, **wrong))
