"""`[spawner.local]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from plugins.spawners import cgroups, commands


class LocalOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Literal["same", "system"] = "same"
    """Whose processes servers are: the gateway's own user's, or those of the system's user of that name."""
    min_uid: Annotated[int, Field(ge=1)] = 1000
    """With `system`: accounts with a lower number belong to the system itself and have no servers."""
    umask: Annotated[str, Field(pattern="^([0-7]{3,4})?$")] = ""
    cgroup: str = ""
    pre_start: tuple[str, ...] = ()
    post_stop: tuple[str, ...] = ()

    @field_validator("cgroup")
    @classmethod
    def _cgroup(cls, value: str) -> str:
        if expected := cgroups.problem(value):
            raise ValueError(f"expected {expected}")
        return value

    @field_validator("pre_start", "post_stop")
    @classmethod
    def _commands(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := commands.mistake(value):
            raise ValueError(wrong)
        return value
