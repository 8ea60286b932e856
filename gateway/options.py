"""What may be put into a profile's form: judged in one place for pages, links and the API. Pure.

A value comes as JSON has it or as a form writes it; both mean the same. What comes
out has every declared option, each with a value that fits.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from gateway.errors import BadInput
from gateway.model import Option, Profile
from gateway.names import listed

LONGEST = 1000
"""Characters of a text, where the option itself says nothing."""
TOLD = 10
"""Unknown names that are repeated to whoever sent them."""

YES = ("true", "on", "yes", "1")
NO = ("false", "off", "no", "0", "")

type Value = bool | int | float | str


class BadOptions(BadInput):
    """`fields` says for each option that is wrong what is expected of it."""

    def __init__(self, fields: Mapping[str, Unfit]) -> None:
        super().__init__("; ".join(f"{name} {unfit.message}" for name, unfit in fields.items()))
        self.fields = dict(fields)


class Unfit(BadInput):
    """One value does not fit. The message goes on after the option's name; the words of its key take that as
    `option`."""


def read(profile: Profile, given: Mapping[str, Any]) -> dict[str, Value]:
    """The value of every option, the default where none is given; or `BadOptions` with all that is wrong."""
    values: dict[str, Value] = {}
    wrong: dict[str, Unfit] = {}
    for option in profile.options:
        try:
            values[option.name] = checked(option, given.get(option.name, option.default))
            _not_a_flag(profile, option, values[option.name])
        except Unfit as error:
            wrong[option.name] = error
    known = listed([option.name for option in profile.options])
    for name in sorted(set(given) - {option.name for option in profile.options})[:TOLD]:
        wrong[name[:64]] = Unfit(
            f"is no option of {profile.name}; there are: {known}",
            key="option-unknown",
            about={"profile": profile.name, "known": known},
        )
    if wrong:
        raise BadOptions(wrong)
    return values


def remembered(profile: Profile, kept: Mapping[str, Any]) -> dict[str, Value]:
    """The values of an earlier start, but for those that do not fit (any more): these are the defaults."""
    values: dict[str, Value] = {}
    for option in profile.options:
        try:
            values[option.name] = checked(option, kept.get(option.name, option.default))
            _not_a_flag(profile, option, values[option.name])
        except Unfit:
            values[option.name] = option.default
    return values


def checked(option: Option, value: Any) -> Value:
    """`value` as this option's type has it, or `Unfit`."""
    match option.type:
        case "boolean":
            return _boolean(value)
        case "number":
            return _number(option, value)
        case "choice":
            return _choice(option, value)
        case _:
            return _text(option, value)


def written(value: Value) -> str:
    """A value as text: in a form's field, on a command line, in a variable."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def placeholder(option: Option) -> str:
    return f"{{opt_{option.name}}}"


# ── by type ──────────────────────────────────────────────────────────────────


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in YES:
        return True
    if isinstance(value, str) and value.strip().lower() in NO:
        return False
    raise Unfit("must be true or false", key="option-boolean")


def _number(option: Option, value: Any) -> int | float:
    number = _parsed(value)
    if option.min is not None and number < option.min:
        raise Unfit(f"must be at least {option.min:g}", key="option-least", about={"least": option.min})
    if option.max is not None and number > option.max:
        raise Unfit(f"must be at most {option.max:g}", key="option-most", about={"most": option.max})
    if option.step:
        steps = (number - (option.min or 0)) / option.step
        if abs(steps - round(steps)) > 1e-6:
            raise _stepped(option)
    return int(number) if number == int(number) else number


def _parsed(value: Any) -> float:
    if isinstance(value, str) and len(value) <= 32:
        try:
            value = float(value)
        except ValueError:
            raise Unfit("must be a number", key="option-number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("must be a number", key="option-number")
    try:
        number = float(value)
    except OverflowError:
        raise Unfit("must be a number", key="option-number") from None
    if not math.isfinite(number):
        raise Unfit("must be a number", key="option-number")
    return number


def _stepped(option: Option) -> Unfit:
    first, step = option.min or 0, option.step
    if step == 1 and first == int(first):
        return Unfit("must be a whole number", key="option-whole")
    return Unfit(
        f"must be {first:g} or a multiple of {step:g} more", key="option-step", about={"first": first, "step": step}
    )


def _choice(option: Option, value: Any) -> str:
    values = [choice.value for choice in option.choices]
    if isinstance(value, str) and value in values:
        return value
    known = listed(values)
    raise Unfit(f"must be one of: {known}", key="option-choice", about={"known": known})


def _text(option: Option, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("must be a text", key="option-text")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise Unfit("must not contain control characters", key="option-control")
    longest = LONGEST if option.max is None else int(option.max)
    if len(value) > longest:
        raise Unfit(f"must have at most {longest} characters", key="option-long", about={"most": longest})
    if not value:
        if option.required:
            raise Unfit("must not be empty", key="option-empty")
        return value
    if option.min is not None and len(value) < option.min:
        least = option.min
        raise Unfit(f"must have at least {least:g} characters", key="option-short", about={"least": least})
    if option.pattern and not re.fullmatch(option.pattern, value):
        raise Unfit("does not have the right form" + (f": {option.help}" if option.help else ""), key="option-form")
    return value


def _not_a_flag(profile: Profile, option: Option, value: Value) -> None:
    """A text that begins an argument must not turn it into a flag of the program."""
    begins = option.type == "text" and written(value).startswith("-")
    if begins and any(argument.startswith(placeholder(option)) for argument in profile.command):
        raise Unfit("must not begin with '-'", key="option-flag")
