"""`[[profiles.options]]`: how the fields of a profile's form are declared, and what is wrong with a declaration."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gateway import forms, options
from gateway.model import Choice, Option

type Number = Annotated[float, Field(allow_inf_nan=False)]


def _choices(value: Any) -> Any:
    """A list of values, or a table of values with what people read."""
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return {each: each for each in value}
    return value


class OptionSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

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
