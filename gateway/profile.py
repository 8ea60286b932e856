"""A profile and the fields of its form, as values. Plugins find them in `gateway.model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Option:
    """One field of a profile's form (`[[profiles.options]]`); `gateway.options` judges what is put in."""

    name: str
    type: Literal["text", "number", "boolean", "choice"]
    label: str
    help: str = ""
    default: bool | int | float | str = ""
    required: bool = False
    """A text must not be empty."""
    min: float | None = None
    """The least number, or the least characters of a text that is not empty."""
    max: float | None = None
    step: float = 1
    """Numbers are `min` (or 0) and so many steps; 0 = any."""
    pattern: str = ""
    """A regular expression that a whole text must fit, unless it is empty."""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """When a server is stopped by itself, in seconds. 0 = never; None = as `[idle]` says."""

    timeout: float | None = None
    """Since somebody last used it."""
    warn_before: float | None = None
    """So long before a stop, its owner is told."""
    max_age: float | None = None
    """Since its start, however much it is used."""

    def over(self, default: Idle) -> Idle:
        """These rules, and `default` where they say nothing."""
        return Idle(
            default.timeout if self.timeout is None else self.timeout,
            default.warn_before if self.warn_before is None else self.warn_before,
            default.max_age if self.max_age is None else self.max_age,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user can start (`[[profiles]]`)."""

    name: str
    display_name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    auth: Literal["token", "none", "jupyterhub"] = "token"
    """`jupyterhub`: it asks the hub itself who comes, as JupyterHub's own servers do."""
    oauth_client_allowed_scopes: tuple[str, ...] = ()
    """What such a server may ask its visitors for, beyond who they are."""
    ready: Literal["path", "port"] = "path"
    """`port`: it is ready when somebody listens; `ready_path` is not asked."""
    ready_path: str = "api"
    ready_status: int = 0
    """What `ready_path` must answer; 0 = any status below 500."""
    strip_prefix: bool = False
    """It lives at its own root and does not know the path under which it is reached."""
    memory: int = 0
    """Bytes; 0 = no limit. So with the other two."""
    cpu_seconds: int = 0
    open_files: int = 0
    upgrades: tuple[str, ...] = ("websocket",)
    groups: tuple[str, ...] = ()
    spawner: str = ""
    max_body: int = 0
    response_timeout: float = 300.0
    idle_timeout: float = 0
    description: str = ""
    idle: Idle = Idle()
    options: tuple[Option, ...] = ()
