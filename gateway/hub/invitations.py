"""The invitations of one share handler, as `gateway.hookspecs.Invitations`."""

from __future__ import annotations

from gateway.model import Invitation, digest
from gateway.store import invitations
from gateway.store.store import Store


class KeptInvitations:
    def __init__(self, store: Store, handler: str) -> None:
        self._store = store
        self._handler = handler

    async def find(self, code: str) -> Invitation | None:
        found = await self._store(invitations.find, digest(code))
        return found if found and found.handler == self._handler else None
