"""The settings: their shape, their defaults, and what each key may hold.

Sections and keys are those of `gateway/hubgate.toml`. Everything is frozen; an
unknown key is a mistake. `gateway.config` reads them (flags > environment > file).
What a value may look like stands in `gateway.forms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from gateway import forms, scopes
from gateway.clients import service_client
from gateway.model import Profile
from gateway.profilesettings import ClientScopes, IdleSettings, ProfileSettings, Seconds, no_doubles


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


type Names = tuple[Annotated[str, AfterValidator(forms.user_name)], ...]
type GroupNames = tuple[Annotated[str, AfterValidator(forms.group_name)], ...]
type OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PluginSection(BaseModel):
    """Known keys, and one table for each plugin, kept raw until the plugin is known."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, dict[str, Any]] = Field(init=False)


class TlsFiles(NamedTuple):
    """Where a certificate with its chain is, and its key, which may stand in the same file."""

    cert: Path
    key: Path


class GatewaySettings(Section):
    bind: OneOrMany = ("127.0.0.1:8000",)
    base_path: Annotated[str, AfterValidator(forms.base_path)] = "/"
    public_url: str = ""
    allowed_hosts: tuple[Annotated[str, AfterValidator(forms.host)], ...] = ()
    data_dir: Path = Path("hubgate-data")
    workers: Annotated[int, Field(ge=0, le=256)] = 1
    trusted_proxies: tuple[Annotated[str, AfterValidator(forms.network)], ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    http_redirect_bind: str = ""
    max_header: Annotated[int, Field(ge=1024, le=1048576)] = 65536
    max_body: Annotated[int, Field(ge=0)] = 0
    hub_grace: Seconds = 3600
    drain_seconds: Seconds = 10
    stop_servers_on_exit: bool = True
    token_in_url: bool = False

    @field_validator("bind")
    @classmethod
    def _bind(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        values = tuple(forms.joined(*forms.address(value)) for value in values)
        no_doubles(tuple(value for value in values if not value.endswith(":0")))
        return values

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str, info: ValidationInfo) -> str:
        return forms.origin(value, info.data.get("base_path", "/"))

    @field_validator("tls_cert")
    @classmethod
    def _seen_by_https(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("public_url", "").startswith("http:"):
            raise ValueError("a public_url that begins https:, since that is how browsers come with a certificate")
        return value

    @field_validator("tls_key")
    @classmethod
    def _key_of_a_certificate(cls, value: str, info: ValidationInfo) -> str:
        if value and not info.data.get("tls_cert", "-"):
            raise ValueError("tls_cert beside it")
        return value

    @field_validator("http_redirect_bind")
    @classmethod
    def _redirect_bind(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            return ""
        value = forms.joined(*forms.address(value))
        if not (info.data.get("tls_cert", "-") or info.data.get("public_url", "").startswith("https:")):
            raise ValueError("tls_cert, or a public_url that begins https:, to lead people to")
        return value

    @property
    def redirect_binds(self) -> tuple[str, ...]:
        return (self.http_redirect_bind,) if self.http_redirect_bind else ()

    @property
    def https(self) -> bool:
        """Do browsers come by https, here or to what stands in front?"""
        return bool(self.tls_cert) or self.public_url.startswith("https:")

    @property
    def tls(self) -> TlsFiles | None:
        """The certificate that the gateway itself shows; None: it speaks http."""
        return TlsFiles(Path(self.tls_cert), Path(self.tls_key or self.tls_cert)) if self.tls_cert else None


class ChannelSettings(Section):
    bind: Annotated[str, AfterValidator(forms.channel_bind)] = ""
    url: Annotated[str, AfterValidator(forms.channel_url)] = ""
    secret_file: str = ""


class StoreSettings(Section):
    url: Annotated[str, AfterValidator(forms.store_url)] = "sqlite:hubgate.sqlite"


class SessionSettings(Section):
    max_age: Annotated[int, Field(ge=60)] = 1209600


class TokenSettings(Section):
    max_age: Annotated[int, Field(ge=0)] = 0


class AuthenticatorSettings(PluginSection):
    plugin: Annotated[OneOrMany, AfterValidator(no_doubles)] = ("native",)
    admin_users: Names = ()
    allowed_users: Names = ()
    blocked_users: Names = ()
    allow_all: bool = False


class SpawnerSettings(PluginSection):
    plugin: Annotated[str, Field(min_length=1)] = "local"
    start_timeout: Seconds = 60
    stop_timeout: Seconds = 30
    concurrent_starts: Annotated[int, Field(ge=1)] = 8
    queue: Annotated[int, Field(ge=0)] = 100
    servers_per_user: Annotated[int, Field(ge=0)] = 10
    log_size: Annotated[int, BeforeValidator(forms.size), Field(ge=4096)] = 5_000_000
    log_files: Annotated[int, Field(ge=0, le=100)] = 2


class ServiceSettings(Section):
    name: Annotated[str, AfterValidator(forms.service_name)]
    url: Annotated[str, AfterValidator(forms.service_url)] = ""
    command: tuple[str, ...] = ()
    cwd: str = ""
    env: Annotated[dict[str, str], AfterValidator(forms.environment)] = {}
    api_token: Annotated[str, AfterValidator(forms.api_token)] = ""
    admin: bool = False
    display: bool = True
    info: Annotated[dict[str, Any], AfterValidator(forms.information)] = {}
    oauth_client_id: Annotated[str, AfterValidator(forms.client_id)] = ""
    oauth_redirect_uri: Annotated[str, AfterValidator(forms.redirect_uri)] = ""
    oauth_client_allowed_scopes: ClientScopes = ()
    oauth_no_confirm: bool = False

    @field_validator("cwd", "env")
    @classmethod
    def _of_a_command(cls, value: Any, info: ValidationInfo) -> Any:
        if value and not info.data.get("command", True):
            raise ValueError("nothing here without a command, since only a command is started by the gateway")
        return value

    @property
    def managed(self) -> bool:
        """Does the gateway start it?"""
        return bool(self.command)

    def profile(self, env: Mapping[str, str] | None = None) -> Profile:
        """How the spawner that runs services is told of it. Its own variables win over those in `env`."""
        return Profile(self.name, self.name, self.command, {**(env or {}), **self.env}, self.cwd, auth="none")


class RoleSettings(Section):
    name: Annotated[str, AfterValidator(forms.role_name)]
    description: str = ""
    scopes: tuple[str, ...] = ()
    users: Names = ()
    groups: GroupNames = ()
    services: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _default_roles(self) -> Self:
        """What the gateway itself says of its own roles."""
        if self.name == "admin" and self.given & {"scopes", "description", "services"}:
            raise ValueError(
                "no scopes and no description for the role 'admin', which may do everything; "
                "and of services, those with admin = true have it"
            )
        if self.name == "user" and "users" in self.given:
            raise ValueError("no users for the role 'user', which everybody has")
        return self

    @property
    def given(self) -> set[str]:
        """The keys that somebody wrote: only these change a default role."""
        return self.model_fields_set

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """So that whoever reads it again gets the same entry."""
        return {key: value for key, value in whole(self).items() if key in self.given}


class GroupSettings(Section):
    name: Annotated[str, AfterValidator(forms.group_name)]
    users: Names = ()


class CustomScopeSettings(Section):
    description: Annotated[str, Field(min_length=1)]
    subscopes: tuple[str, ...] = ()


class LimitSettings(Section):
    requests_per_second: Seconds = 0
    services: bool = False


class SharingSettings(PluginSection):
    users_may_share: bool = False
    handlers: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), AfterValidator(no_doubles)] = (
        "code",
        "direct",
        "view",
    )


class PolicySettings(Section):
    plugins: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), AfterValidator(no_doubles)] = ()


class TrafficSettings(Section):
    access_log: bool = True
    log_file: str = ""
    log_days: Annotated[int, Field(ge=1, le=3650)] = 7
    notify_users: bool = True
    allow_unredacted: bool = False
    hidden_fields: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()
    capture_days: Annotated[float, Field(gt=0, le=365, allow_inf_nan=False)] = 7
    capture_space: Annotated[int, BeforeValidator(forms.size), Field(ge=1_000_000)] = 2_000_000_000
    addons: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class OAuthSettings(Section):
    require_pkce: bool = False
    token_max_age: Annotated[int, Field(ge=0)] = 0


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
    profiles: Annotated[tuple[ProfileSettings, ...], Field(min_length=1)] = (LAB,)
    services: tuple[ServiceSettings, ...] = ()
    custom_scopes: dict[Annotated[str, AfterValidator(forms.custom_scope)], CustomScopeSettings] = {}
    roles: tuple[RoleSettings, ...] = ()
    groups: tuple[GroupSettings, ...] = ()
    idle: IdleSettings = IdleSettings()
    limits: LimitSettings = LimitSettings()
    sharing: SharingSettings = SharingSettings()
    traffic: TrafficSettings = TrafficSettings()
    oauth: OAuthSettings = OAuthSettings()
    policy: PolicySettings = PolicySettings()
    plugins: dict[str, dict[str, Any]] = {}

    @field_validator("profiles", "services", "roles", "groups")
    @classmethod
    def _names_differ(cls, named: tuple[Any, ...]) -> tuple[Any, ...]:
        no_doubles(tuple(each.name for each in named))
        return named

    @field_validator("services")
    @classmethod
    def _tokens_differ(cls, services: tuple[ServiceSettings, ...]) -> tuple[ServiceSettings, ...]:
        owners: dict[str, str] = {}
        for each in services:
            if each.api_token and owners.setdefault(each.api_token, each.name) != each.name:
                other = owners[each.api_token]
                raise ValueError(f"an api_token of its own for each, but {other!r} and {each.name!r} share one")
        return services

    @field_validator("services")
    @classmethod
    def _clients_differ(cls, services: tuple[ServiceSettings, ...]) -> tuple[ServiceSettings, ...]:
        no_doubles(tuple(each.oauth_client_id or service_client(each.name) for each in services))
        return services

    @field_validator("custom_scopes")
    @classmethod
    def _subscopes_are_declared(cls, declared: dict[str, CustomScopeSettings]) -> dict[str, CustomScopeSettings]:
        for name, each in declared.items():
            for scope in each.subscopes:
                if scope not in declared:
                    raise ValueError(f"custom scopes below {name!r} that are declared here, but {scope!r} is not")
        return declared

    @field_validator("roles")
    @classmethod
    def _scopes_and_services_exist(
        cls, roles: tuple[RoleSettings, ...], info: ValidationInfo
    ) -> tuple[RoleSettings, ...]:
        if not {"services", "custom_scopes"} <= info.data.keys():
            return roles  # what is wrong there is said already
        table = {**scopes.SUBSCOPES, **dict.fromkeys(info.data["custom_scopes"], ())}
        services = {each.name for each in info.data["services"]}
        for role in roles:
            for scope in role.scopes:
                if not scopes.known(scope, table):
                    raise ValueError(f"scopes that exist, but {scope!r} of the role {role.name!r} does not")
            for name in role.services:
                if name not in services:
                    raise ValueError(f"services of [[services]], but {name!r} of the role {role.name!r} is none")
        return roles

    @property
    def run_dir(self) -> Path:
        return self.gateway.data_dir / "run"

    @property
    def public_url(self) -> str:
        """What browsers type, base path included; the first address when nothing stands in front."""
        return (self.gateway.public_url or self._bound_origin) + self.gateway.base_path

    @property
    def _bound_origin(self) -> str:
        return f"{'https' if self.gateway.tls_cert else 'http'}://{forms.reachable(self.gateway.bind[0])}"

    @property
    def in_clear(self) -> bool:
        """Do browsers on other machines come without TLS, as far as the settings say?"""
        if self.gateway.https:
            return False
        return not all(forms.loopback(forms.address(bind)[0]) for bind in self.gateway.bind)

    @property
    def local_url(self) -> str:
        """What finds the gateway from the same machine, base path included. A certificate is for the public name."""
        return self.public_url if self.gateway.tls_cert else self._bound_origin + self.gateway.base_path

    @property
    def hub_bind(self) -> forms.Place:
        """Where the hub listens for workers: a unix socket's path, or (host, port)."""
        return forms.place(self.channel.bind) or self.run_dir / "hub.sock"

    @property
    def hub_place(self) -> forms.Place:
        """Where workers find the hub."""
        return forms.place(self.channel.url.removeprefix("http://")) or self.hub_bind
