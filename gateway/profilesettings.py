"""`[[profiles]]`: what users can start, how the fields of its form are declared, and when it is stopped again."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from gateway import forms, options
from gateway.model import Choice, Idle, Option, Profile

type Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
type Number = Annotated[float, Field(allow_inf_nan=False)]


def no_doubles(values: tuple[str, ...]) -> tuple[str, ...]:
    doubles = sorted({value for value in values if values.count(value) > 1})
    if doubles:
        raise ValueError(f"each value once, but {', '.join(map(repr, doubles))} stands there more than once")
    return values


type ClientScopes = Annotated[
    tuple[Annotated[str, AfterValidator(forms.client_scope)], ...], AfterValidator(no_doubles)
]
"""What an OAuth client may ask its visitors for."""


def _choices(value: Any) -> Any:
    """A list of values, or a table of values with what people read."""
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return {each: each for each in value}
    return value


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OptionSettings(Section):
    name: Annotated[str, AfterValidator(forms.option_name)]
    type: Literal["text", "number", "boolean", "choice"] = "text"
    label: str = ""
    help: str = ""
    default: Any = None
    """Of the option's own type; None = see `_default`."""
    required: bool = False
    min: Number | None = None
    max: Number | None = None
    step: Annotated[Number, Field(ge=0)] = 1
    pattern: Annotated[str, AfterValidator(forms.pattern)] = ""
    choices: Annotated[dict[str, str], BeforeValidator(_choices)] = {}

    @model_validator(mode="after")
    def _fits_itself(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError('choices where type = "choice", and nowhere else')
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("a min that is not above max")
        if self.default is not None:
            try:
                options.checked(self.value(), self.default)
            except options.Unfit as error:
                raise ValueError(f"a default that fits: it {error}") from None
        return self

    def value(self) -> Option:
        return Option(
            name=self.name,
            type=self.type,
            label=self.label or re.sub("[_-]", " ", self.name).capitalize(),
            help=self.help,
            default=self._default(),
            required=self.required,
            min=self.min,
            max=self.max,
            step=self.step,
            pattern=self.pattern,
            choices=tuple(Choice(value, label or value) for value, label in self.choices.items()),
        )

    def _default(self) -> options.Value:
        if isinstance(self.default, bool | int | float | str):
            return self.default
        if self.type == "boolean":
            return False
        if self.type == "number":
            return min(max(0, self.min or 0), self.max if self.max is not None else float("inf"))
        return next(iter(self.choices), "")


class IdleSettings(Section):
    """`[idle]`: seconds; 0 = never."""

    timeout: Seconds = 0
    warn_before: Seconds = 300
    max_age: Seconds = 0

    def value(self) -> Idle:
        return Idle(**self.model_dump())


class ProfileIdleSettings(Section):
    """The same for one profile; what is not given is as in `[idle]`."""

    timeout: Seconds | None = None
    warn_before: Seconds | None = None
    max_age: Seconds | None = None

    def value(self) -> Idle:
        return Idle(**self.model_dump())


class ProfileSettings(Section):
    name: Annotated[str, AfterValidator(forms.profile_name)]
    display_name: str = ""
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    env: Annotated[dict[str, str], AfterValidator(forms.environment)] = {}
    cwd: str = ""
    auth: Literal["token", "none", "jupyterhub"] = "token"
    oauth_client_allowed_scopes: ClientScopes = ()
    ready: Literal["path", "port"] = "path"
    ready_path: Annotated[str, AfterValidator(forms.relative_path)] = "api"
    ready_status: Annotated[int, AfterValidator(forms.status)] = 0
    strip_prefix: bool = False
    memory: Annotated[int, BeforeValidator(forms.size), Field(ge=0)] = 0
    cpu_seconds: Annotated[int, Field(ge=0)] = 0
    open_files: Annotated[int, Field(ge=0)] = 0
    upgrades: tuple[Annotated[str, AfterValidator(forms.upgrade)], ...] = ("websocket",)
    groups: tuple[str, ...] = ()
    spawner: str = ""
    max_body: Annotated[int, Field(ge=0)] = 0
    response_timeout: Annotated[float, Field(ge=0)] = 300
    idle_timeout: Annotated[float, Field(ge=0)] = 0
    description: str = ""
    idle: ProfileIdleSettings = ProfileIdleSettings()
    options: tuple[OptionSettings, ...] = ()

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: tuple[OptionSettings, ...]) -> tuple[OptionSettings, ...]:
        no_doubles(tuple(option.name for option in options))
        return options

    def value(self) -> Profile:
        """The profile as the value that hub and spawners use."""
        options = tuple(option.value() for option in self.options)
        made = {"display_name": self.display_name or self.name, "options": options, "idle": self.idle.value()}
        return Profile(**{**self.model_dump(), **made})
