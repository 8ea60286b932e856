"""What people start again and again: a profile with options, kept under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway import options
from gateway.errors import BadInput, NotFound
from gateway.hub.profiles import chosen
from gateway.hub.words import plain
from gateway.model import Preset, Profile, checked_display_name
from gateway.store import presets, users
from gateway.store.store import Store

LONGEST = 60
"""Characters of a name."""


class Presets:
    def __init__(self, profiles: Sequence[Profile], store: Store) -> None:
        self._profiles = profiles
        self._store = store

    async def of_user(self, user: str) -> list[Preset]:
        """All of a user's, by name; also those that could not be started any more."""
        return await self._store(presets.of_user, user)

    async def get(self, user: str, name: str) -> Preset:
        """NotFound."""
        for preset in await self.of_user(user):
            if preset.name == name:
                return preset
        raise NotFound(f"You have no preset {plain(name)!r}", key="no-preset", about={"name": plain(name)})

    async def save(self, user: str, name: str, profile: str, given: Mapping[str, Any]) -> Preset:
        """Keep what could be started now, in place of a preset of the same name.

        BadInput (the name, the profile), `BadOptions`, TooMany, NotFound (the user).
        """
        owner = await self._store(users.get, user)
        if owner is None:
            raise NotFound("No such user", key="no-user")
        if len(name) > LONGEST:
            raise BadInput(
                f"a preset's name must not be longer than {LONGEST} characters",
                key="preset-long",
                about={"most": LONGEST},
            )
        kept = chosen(self._profiles, owner, profile)
        preset = Preset(
            checked_display_name(" ".join(name.split())),
            kept.name,
            options.read(kept, given) if kept.options else {},
        )
        await self._store(presets.put, user, preset)
        return preset

    async def remove(self, user: str, name: str) -> None:
        """NotFound."""
        if not await self._store(presets.remove, user, name):
            raise NotFound(f"You have no preset {plain(name)!r}", key="no-preset", about={"name": plain(name)})
