"""The suite lets good share handlers through (tests/contracts), and finds what is wrong with these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.hookspecs import ShareHandler
from gateway.model import Grant, Invitation, Server, ShareRequest, User
from gateway.testing.shares import ShareHandlerSuite
from plugins.shares.code import Code


class Guessable(Code):
    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        return replace(await super().create(server, request), code="1234")


class GivesMore(Code):
    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        return replace(await super().create(server, request), scopes=("access:servers!user=alice",))


class LastsLonger(Code):
    async def accept(self, code: str, user: User) -> Grant | None:
        grant = await super().accept(code, user)
        return replace(grant, expires_at=None) if grant else None


class ForgetsThePath(Code):
    async def accept(self, code: str, user: User) -> Grant | None:
        grant = await super().accept(code, user)
        return replace(grant, path="") if grant else None


class TakesAnyCode(Code):
    async def accept(self, code: str, user: User) -> Grant | None:
        return Grant("alice", "gpu", ("access:servers!server=alice/gpu",), user=user.name)


def suite(cls: type[ShareHandler]) -> Any:
    class Suite(ShareHandlerSuite):
        handler = cls

    return Suite()


@pytest.mark.parametrize("bad", [Guessable, GivesMore, LastsLonger, ForgetsThePath, TakesAnyCode])
def test_a_bad_one(bad: type[ShareHandler]) -> None:
    with pytest.raises(AssertionError):
        suite(bad).test_it_gives_what_was_asked_for_and_no_more()
        suite(bad).test_a_request_for_more_gives_no_more()
