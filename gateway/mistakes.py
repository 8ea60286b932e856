"""Turns what pydantic says about the settings into lines for the person who wrote them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.masking import masked
from gateway.settings import Settings

LONGEST = 80
"""Characters that are shown of a wrong value."""

type Loc = tuple[int | str, ...]

EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "a number of at least {ge:g}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than_equal": "a number of at most {le:g}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "model_type": "a table",
    "path_type": "a path, in quotes",
    "string_too_short": "something that is not empty",
    "string_type": "text, in quotes",
    "too_short": "at least one value",
    "tuple_type": "a list",
}
"""By pydantic's type of error; the names in braces are in its context."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings."""

    kind: str
    """flag, environment or file."""
    name: str
    """The file's name; "" for the others."""
    values: dict[str, Any]

    def label(self, loc: Loc) -> str:
        """Where a person finds this key."""
        if self.kind == "flag":
            return "--" + str(loc[1]).replace("_", "-")
        if self.kind == "environment":
            return f"environment {self.spelled(loc[: self.depth(loc)])}"
        return f"{self.name}: {self.spelled(loc)}"

    def spelled(self, loc: Loc) -> str:
        """A key as it is written in this source."""
        if self.kind == "environment":
            return "HUBGATE_" + "__".join(step.upper() for step in loc if isinstance(step, str))
        return dotted(loc)

    def depth(self, loc: Loc) -> int:
        """How many steps of `loc` this source has."""
        value: Any = self.values
        for number, step in enumerate(loc):
            try:
                value = value[step]
            except (LookupError, TypeError):
                return number
        return len(loc)


def lines(error: ValidationError, layers: Sequence[Layer]) -> list[str]:
    """One line for each mistake, in the order of the settings."""
    details = error.errors(include_url=False)
    # What fails does not count as a value, so pydantic says "too short" of its list as well.
    locs = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    return [_line(detail, layers) for detail in details if detail["type"] != "too_short" or detail["loc"] not in locs]


def located(line: str, layers: Sequence[Layer]) -> str:
    """`key: what`, with the source that has the key; as it is if none has."""
    key, _, what = line.partition(": ")
    loc = tuple(key.split("."))
    layer = max(layers, key=lambda layer: layer.depth(loc))
    return f"{layer.label(loc)}: {what}" if layer.depth(loc) else line


def nearest(word: str, words: Sequence[str]) -> str:
    """The word that was probably meant, or ""."""
    return next(iter(difflib.get_close_matches(word, words, 1, 0.6)), "")


def dotted(loc: Loc) -> str:
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def keys_of(loc: Loc) -> list[str]:
    """The keys that may stand in the table at `loc`."""
    model = _model_at(loc)
    return list(model.model_fields) if model else []


def _model_at(loc: Loc) -> type[BaseModel] | None:
    model: Any = Settings
    free = False
    for step in loc:
        if isinstance(step, int) or free:  # an entry of a list, or of a table whose keys are free
            free = False
            continue
        field = model.model_fields.get(step)
        if field is None:
            return None
        arguments = get_args(field.annotation)
        free = get_origin(field.annotation) is dict
        model = arguments[free] if arguments else field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return None
    return model  # type: ignore[no-any-return]  # a subclass of BaseModel, by the lines above


def _line(detail: ErrorDetails, layers: Sequence[Layer]) -> str:
    loc = detail["loc"]
    layer = max(layers, key=lambda layer: layer.depth(loc))
    kind = detail["type"]
    keys = keys_of(loc[:-1])
    if kind == "extra_forbidden" or (kind == "dict_type" and keys and loc[-1] not in keys):
        return f"{layer.label(loc)}: there is no such key; {_meant(loc, keys, layer)}"
    if kind == "missing":
        return f"{layer.label(loc)}: expected a value, because there is no default"
    if kind == "value_error":
        expected = str(detail["ctx"]["error"])
    elif kind in EXPECTED:
        expected = EXPECTED[kind].format(**detail.get("ctx", {}))
    else:
        expected = detail["msg"]
    if layer.kind == "environment" and kind in ("tuple_type", "list_type", "dict_type", "model_type"):
        expected += " as JSON"
    return f"{layer.label(loc)}: expected {expected}{_but_found(loc, detail['input'])}"


def _meant(loc: Loc, keys: Sequence[str], layer: Layer) -> str:
    key = str(loc[-1])
    if near := nearest(key, keys):
        return f"the nearest is {layer.spelled((*loc[:-1], near))}"
    elsewhere = [place for place in _everything() if place[-1] == key and place[0] != loc[0]]
    if elsewhere and layer.kind == "file":
        return f"did you mean {' or '.join(map(dotted, elsewhere))}?"
    return f"expected one of {', '.join(keys)}"


def _everything() -> Iterator[Loc]:
    for section in Settings.model_fields:
        yield from ((section, key) for key in keys_of((section,)))


def _but_found(loc: Loc, value: Any) -> str:
    ones = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(one, str | int | float) for one in ones):
        return ""
    names = [step for step in loc if isinstance(step, str)]
    found = json.dumps(_masked(value, names), ensure_ascii=False, default=str)
    return f", not {found if len(found) <= LONGEST else found[:LONGEST] + '…'}"


def _masked(value: Any, names: Sequence[str]) -> Any:
    if isinstance(value, list | tuple):
        return [_masked(one, names) for one in value]
    return masked(value, *names) if isinstance(value, str) else value
