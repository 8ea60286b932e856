"""Roles and groups of the settings: brought into the store at each start, and shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from gateway.hub.changes import ChangeLog
from gateway.model import Role
from gateway.scopes import ROLES, SUBSCOPES, Table
from gateway.settings import RoleSettings, Settings
from gateway.store import groups, roles, services, users
from gateway.store.store import Store
from gateway.store.work import Transaction

log = logging.getLogger(__name__)

DESCRIPTIONS = {
    "user": "Standard user privileges",
    "admin": "Elevated privileges (can do anything)",
    "server": "Post activity only",
    "token": "Token with same permissions as its owner",
}
"""Of the default roles, in JupyterHub's words."""


def table(settings: Settings) -> Table:
    """Every scope there is, with those of the settings."""
    return {**SUBSCOPES, **{name: each.subscopes for name, each in settings.custom_scopes.items()}}


def defined(settings: Settings) -> dict[str, Role]:
    """All roles by name: the default ones, with what the settings change of them, and those of the settings."""
    found = {name: Role(name, DESCRIPTIONS[name], tuple(sorted(scopes))) for name, scopes in ROLES.items()}
    for each in settings.roles:
        found[each.name] = _merged(found.get(each.name, Role(each.name)), each)
    return found


def _merged(role: Role, wanted: RoleSettings) -> Role:
    """An entry of the settings over the role that there is; the flag of administrators is not a membership."""
    users = () if wanted.name == "admin" else wanted.users
    given = wanted.given
    return Role(
        name=role.name,
        description=wanted.description if "description" in given else role.description,
        scopes=_ordered(wanted.scopes) if "scopes" in given else role.scopes,
        users=_ordered(users),
        groups=_ordered(wanted.groups),
        services=_ordered(wanted.services),
    )


def _ordered(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


class Roles:
    def __init__(self, settings: Settings, *, store: Store, changes: ChangeLog, clock: Callable[[], float]) -> None:
        self.defined: Mapping[str, Role] = defined(settings)
        self._admin_users = settings.authenticator.admin_users
        self._admins = next(
            (set(each.users) for each in settings.roles if each.name == "admin" and "users" in each.given), None
        )
        """Whom the settings have as the only administrators; None = they say nothing of it."""
        self._groups = {each.name: each.users for each in settings.groups}
        self._store = store
        self._changes = changes
        self._clock = clock

    @property
    def scopes(self) -> Mapping[str, Collection[str]]:
        """Of each role, as written."""
        return {name: role.scopes for name, role in self.defined.items()}

    async def begin(self) -> None:
        """Bring the store to what the settings say. To be called once the services are there."""
        await self._changes.write(self._sync, self._clock())

    async def listing(self) -> list[Role]:
        """All roles with who was given them, by name; of `admin`, all who are administrators."""
        found = await self._store(roles.listing)
        flagged = {*await self._store(users.admins), *self._admin_users}
        there = [service.name for service in await self._store(services.listing) if service.admin]
        return [
            replace(role, users=_ordered(flagged), services=_ordered(there)) if role.name == "admin" else role
            for role in found
        ]

    def _sync(self, db: Transaction, now: float) -> None:
        roles.sync(db, self.defined.values(), now)
        if self._admins is not None:
            users.set_admins(db, self._admins, now)
        for name, members in self._groups.items():
            for member in members:
                users.ensure(db, member, False, now)
            groups.ensure(db, name)
            groups.add_users(db, name, members)
