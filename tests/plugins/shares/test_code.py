"""Codes: random, for whoever brings them, for as long and as many as was said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import BadInput
from gateway.hookspecs import Invitations, NoOptions
from plugins.shares.code import Code
from tests.plugins.contracts import ASKED, SHARED, KeptInMemory, share_handler_contract
from tests.plugins.storage import MemoryStorage


def make(invitations: Invitations) -> Code:
    return Code(NoOptions(), MemoryStorage(), invitations)


async def test_contract() -> None:
    made, grant = await share_handler_contract(make)
    assert len(made.code) == 32
    assert grant is not None
    assert (grant.scopes, grant.expires_at) == (ASKED.scopes, 2000.0)


async def test_what_is_accepted_may_outlive_the_code() -> None:
    made, grant = await share_handler_contract(make, replace(ASKED, lasting=True, max_uses=3))
    assert (made.expires_at, made.max_uses, made.lasting) == (2000.0, 3, True)
    assert grant is not None
    assert grant.expires_at is None


@pytest.mark.parametrize("wrong", [{"user": "bob"}, {"group": "class"}, {"expires_at": None}])
async def test_what_makes_no_sense(wrong: dict[str, str | None]) -> None:
    with pytest.raises(BadInput):
        await make(KeptInMemory()).create(SHARED, replace(ASKED, **wrong))  # type: ignore[arg-type]
