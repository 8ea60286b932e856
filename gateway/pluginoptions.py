"""What the settings say of plugins, held against what plugins offer: choices, and tables of options."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.errors import SettingsError


def choice_mistakes(key: str, names: Sequence[str], offered: Mapping[str, object]) -> list[str]:
    return [_unknown(key, name, offered) for name in names if name not in offered]


def table_mistakes(section: str, settings: BaseModel, offered: Mapping[str, type[Any]]) -> list[str]:
    """Tables of plugins: each must belong to one that is there, and fit its `Options`."""
    mistakes = []
    for name, table in (settings.model_extra or {}).items():
        if name not in offered:
            others = dict.fromkeys(type(settings).model_fields)
            mistakes.append(_unknown(f"{section}.{name}", name, {**offered, **others}))
        else:
            mistakes += model_mistakes(f"{section}.{name}", offered[name].Options, table)
    return mistakes


def own_table_mistakes(tables: Mapping[str, Any], models: Mapping[str, type[BaseModel]]) -> list[str]:
    """Tables `[plugins.<plugin>]`. A plugin that needs one and has none is a mistake, too."""
    mistakes = []
    for name in tables.keys() - models.keys():
        known = ", ".join(sorted(models)) or "none"
        mistakes.append(f"plugins.{name}: no plugin is called {name!r}; known are: {known}")
    for name, model in models.items():
        mistakes += model_mistakes(f"plugins.{name}", model, tables.get(name, {}))
    return mistakes


def model_mistakes(where: str, model: type[BaseModel], table: Any) -> list[str]:
    try:
        model.model_validate(table)
    except ValidationError as error:
        return _option_mistakes(where, error, list(model.model_fields))
    return []


def chosen[T](key: str, name: str, offered: Mapping[str, type[T]]) -> type[T]:
    if name not in offered:
        raise SettingsError([_unknown(key, name, offered)])
    return offered[name]


def options(section: str, name: str, model: type[BaseModel], table: Any) -> BaseModel:
    """The table as the plugin gets it, or `SettingsError`."""
    if mistakes := model_mistakes(f"{section}.{name}", model, table):
        raise SettingsError(mistakes)
    return model.model_validate(table)


def _option_mistakes(where: str, error: ValidationError, keys: list[str]) -> list[str]:
    mistakes = []
    for each in error.errors(include_url=False, include_input=False):
        key = ".".join(map(str, each["loc"]))
        if each["type"] == "extra_forbidden":
            mistakes.append(f"{where}.{key}: unknown key{_nearest(key, keys)}")
        else:
            mistakes.append(f"{where}.{key}: {each['msg']}" if key else f"{where}: {each['msg']}")
    return mistakes


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; the nearest valid one is '{near[0]}'" if near else ""


def _unknown(key: str, name: str, offered: Mapping[str, object]) -> str:
    known = ", ".join(sorted(offered)) or "none"
    return f"{key}: no plugin offers {name!r}; known are: {known}"
