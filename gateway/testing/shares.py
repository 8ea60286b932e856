"""What every share handler must do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from gateway.errors import HubgateError
from gateway.hookspecs import Invitations, ShareHandler
from gateway.model import Grant, Invitation, Server, ShareRequest, User
from gateway.testing.fakes import KeptInMemory, MemoryStorage

SHARED = Server("alice", "gpu")
ASKED = ShareRequest(scopes=("access:servers!server=alice/gpu",), now=1000.0, expires_at=2000.0)
BOB = User("bob")
HOSTILE_CODES = ("", "\0", "\ud800", "x" * 1_000_000, "../../etc/passwd", "' OR 1=1 --", "%", "\x1b[31m\r\nX")
LENGTH = 22
"""Characters of a code that has 128 bits, at least."""


class ShareHandlerSuite:
    """Subclass it as `Test…` and say these."""

    handler: ClassVar[type[ShareHandler]]
    options: ClassVar[Mapping[str, Any]] = {}
    asked: ClassVar[ShareRequest] = ASKED
    """A request that it takes."""
    guest: ClassVar[User] = BOB
    """Somebody who may accept, where there is something to accept."""

    def make(self, invitations: Invitations) -> ShareHandler:
        return self.handler(self.handler.Options.model_validate(self.options), MemoryStorage(), invitations)

    def test_it_is_configured(self) -> None:
        handler = self.make(KeptInMemory())
        assert isinstance(handler.options, type(handler).Options)
        with pytest.raises(ValidationError):
            type(handler).Options.model_validate({"no_such_key": 1})

    def test_it_gives_what_was_asked_for_and_no_more(self) -> None:
        asyncio.run(share_handler_contract(self.make, self.asked, self.guest))

    def test_a_request_for_more_gives_no_more(self) -> None:
        """Whatever else the request says, no scope comes in by itself."""
        for asked in (
            replace(self.asked, lasting=True),
            replace(self.asked, max_uses=1),
            replace(self.asked, path="files/a"),
        ):
            asyncio.run(refuses_or_keeps_within(self.make, asked, self.guest))


async def share_handler_contract(
    make: Callable[[Invitations], ShareHandler], asked: ShareRequest = ASKED, guest: User = BOB
) -> tuple[Invitation, Grant | None]:
    """`asked` is a request that it takes. Gives what it made, and what `guest` gets for the code if there is one."""
    kept = KeptInMemory()
    made = await make(kept).create(SHARED, asked)
    assert (made.owner, made.server) == ("alice", "gpu")
    assert set(made.scopes) <= set(asked.scopes), "no more than was asked for"
    assert bool(made.code) != bool(made.grants), "by a code, or at once"
    assert made.created == asked.now
    for given in made.grants:
        _is_within(given, asked)
        assert (given.user, given.group) == (asked.user, asked.group)
    if made.code:
        assert len(made.code) >= LENGTH, "128 bits or more"
        assert (await make(KeptInMemory()).create(SHARED, asked)).code != made.code
        kept.keep(made)
    for code in HOSTILE_CODES:
        try:
            assert await make(kept).accept(code, guest) is None
        except HubgateError as refusal:
            assert refusal.message
    grant = await make(kept).accept(made.code, guest) if made.code else None
    if grant is not None:
        _is_within(grant, asked)
        assert (grant.user, grant.invitation) == (guest.name, "1")
    for one in (*made.grants, *([grant] if grant else [])):
        await make(kept).revoke(one)
        await make(kept).revoke(one)
    assert all(isinstance(text, str) and text for text in make(kept).warnings())
    return made, grant


async def refuses_or_keeps_within(
    make: Callable[[Invitations], ShareHandler], asked: ShareRequest, guest: User = BOB
) -> None:
    """It says that this makes no sense here, or does it without giving more."""
    try:
        await share_handler_contract(make, asked, guest)
    except HubgateError as refusal:
        assert refusal.message


def _is_within(grant: Grant, asked: ShareRequest) -> None:
    assert (grant.owner, grant.server) == ("alice", "gpu")
    assert grant.scopes
    assert not asked.path or f"{grant.path}/".startswith(f"{asked.path}/"), "no more of the server than was asked for"
    assert set(grant.scopes) <= set(asked.scopes)
    if asked.expires_at is not None and not asked.lasting:
        assert grant.expires_at is not None
        assert grant.expires_at <= asked.expires_at
