"""The fields of a profile's form, ready to be shown: what they may hold, what stands in them, what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from api.pages.language import Language
from api.pages.words import plain
from gateway import options
from gateway.model import Option, Profile
from gateway.options import Unfit

PREFIX = "opt-"
"""Before an option's name, in forms and in links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    value: Annotated[str, "What is sent"]
    label: Annotated[str, "What people read"]
    chosen: Annotated[bool, "Is it the one that is marked?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: Annotated[str, "Its name in the form"]
    id: Annotated[str, "Its id in the page"]
    type: Annotated[str, "text, number, boolean or choice"]
    label: Annotated[str, "Its name for people"]
    help: Annotated[str, "A sentence below it, or empty"]
    value: Annotated[str, "What stands in it"]
    error: Annotated[str, "What is wrong with that, or empty"]
    required: Annotated[bool, "Must something stand in it?"]
    min: Annotated[str, "The least number or number of characters, or empty"]
    max: Annotated[str, "The most, or empty"]
    step: Annotated[str, "Of numbers: any, or the size of a step"]
    items: Annotated[tuple[Item, ...], "What one can choose from"]


def given(pairs: Mapping[str, str]) -> dict[str, str]:
    """The options among the fields of a form or a query, by their own names. The profile's is none of them."""
    found = {name.removeprefix(PREFIX): value for name, value in pairs.items() if name.startswith(PREFIX)}
    found.pop("profile", None)
    return found


def of(
    profile: Profile, values: Mapping[str, Any], wrong: Mapping[str, Unfit], language: Language
) -> tuple[Field, ...]:
    """`values` are those of an earlier start, or what somebody has just put in."""
    return tuple(
        _field(
            profile,
            option,
            options.written(values.get(option.name, option.default)),
            language.told(wrong[option.name], option=option.label) if option.name in wrong else "",
        )
        for option in profile.options
    )


def _field(profile: Profile, option: Option, value: str, error: str) -> Field:
    if option.type == "boolean" and value.strip().lower() in options.YES:
        value = "true"
    return Field(
        name=PREFIX + option.name,
        id=f"{profile.name}-{option.name}",
        type=option.type,
        label=plain(option.label),
        help=plain(option.help),
        value=plain(value),
        error=plain(error),
        required=option.required or option.type == "number",
        min=_bound(option.min),
        max=_bound(option.max),
        step=f"{option.step:g}" if option.step else "any",
        items=tuple(
            Item(value=choice.value, label=plain(choice.label), chosen=choice.value == value)
            for choice in option.choices
        ),
    )


def _bound(number: float | None) -> str:
    return "" if number is None else f"{number:.15g}"
