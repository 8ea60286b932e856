"""The settings: their shape, their defaults, and what each key may hold.

Sections and keys are those of `configs/hubgate.toml`. Everything is frozen; an
unknown key is a mistake. `gateway.config` reads them (flags > environment > file).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gateway.model import Profile

type Seconds = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GatewaySettings(Section):
    bind: tuple[str, ...] = ("127.0.0.1:8000",)
    base_path: str = "/"
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    data_dir: Path = Path("hubgate-data")
    workers: Annotated[int, Field(ge=0, le=256)] = 1
    trusted_proxies: tuple[str, ...] = ()
    max_header: Annotated[int, Field(ge=1024, le=1048576)] = 65536
    max_body: Annotated[int, Field(ge=0)] = 0
    hub_grace: Seconds = 3600
    drain_seconds: Seconds = 10
    stop_servers_on_exit: bool = True
    token_in_url: bool = False

    @field_validator("bind", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class ChannelSettings(Section):
    bind: str = ""
    url: str = ""
    secret_file: str = ""


class StoreSettings(Section):
    url: str = "sqlite:hubgate.sqlite"


class SessionSettings(Section):
    max_age: Annotated[int, Field(ge=60)] = 1209600


class TokenSettings(Section):
    max_age: Annotated[int, Field(ge=0)] = 0


class AuthenticatorSettings(BaseModel):
    """Known keys, and one table for each plugin, kept raw until the plugin is known."""

    model_config = ConfigDict(extra="allow", frozen=True)

    plugin: tuple[str, ...] = ("native",)
    admin_users: tuple[str, ...] = ()
    allowed_users: tuple[str, ...] = ()
    blocked_users: tuple[str, ...] = ()
    allow_all: bool = False


class SpawnerSettings(BaseModel):
    """Known keys, and one table for each plugin, kept raw until the plugin is known."""

    model_config = ConfigDict(extra="allow", frozen=True)

    plugin: str = "local"
    start_timeout: Seconds = 60
    stop_timeout: Seconds = 30
    concurrent_starts: Annotated[int, Field(ge=1)] = 8
    queue: Annotated[int, Field(ge=0)] = 100
    servers_per_user: Annotated[int, Field(ge=0)] = 10


class ProfileSettings(Section):
    name: str
    display_name: str = ""
    command: tuple[str, ...]
    env: dict[str, str] = {}
    cwd: str = ""
    auth: Literal["token", "none"] = "token"
    ready_path: str = "api"
    upgrades: tuple[str, ...] = ("websocket",)
    groups: tuple[str, ...] = ()
    spawner: str = ""

    def value(self) -> Profile:
        """The profile as the value that hub and spawners use."""
        return Profile(**{**self.model_dump(), "display_name": self.display_name or self.name})


class TrafficSettings(Section):
    access_log: bool = True


LAB = ProfileSettings(
    name="lab",
    display_name="JupyterLab",
    command=(
        "jupyter", "lab", "--no-browser", "--ServerApp.ip={ip}", "--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--ServerApp.base_url={base_url}",
        "--ServerApp.allow_remote_access=True", "--ServerApp.trust_xheaders=True",
    ),
)  # fmt: skip


class Settings(Section):
    gateway: GatewaySettings = GatewaySettings()
    channel: ChannelSettings = ChannelSettings()
    store: StoreSettings = StoreSettings()
    session: SessionSettings = SessionSettings()
    tokens: TokenSettings = TokenSettings()
    authenticator: AuthenticatorSettings = AuthenticatorSettings()
    spawner: SpawnerSettings = SpawnerSettings()
    profiles: tuple[ProfileSettings, ...] = (LAB,)
    traffic: TrafficSettings = TrafficSettings()

    @property
    def run_dir(self) -> Path:
        return self.gateway.data_dir / "run"
