"""Shows settings without their secrets, as the TOML that would make them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.settings import Settings

MASK = "********"

SECRET_NAME = re.compile(r"password|passwd|secret|token|credential|private|(^|_|api)key$", re.IGNORECASE)
NOT_SECRET = re.compile(r"_(file|url|path|dir)$|^tls_key$", re.IGNORECASE)
"""`secret_file` says where a secret is, and that is no secret; so does `tls_key`."""

URL_PASSWORD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/@\s:]*:)(\S*)(@)")
"""Up to the last '@': a password that was not encoded may hold anything."""
QUERY_SECRET = re.compile(r"([?&](?:password|passwd|secret|token|sslpassword)=)([^&\s]*)", re.IGNORECASE)
WRITTEN_MANY_TIMES = (("profiles",), ("services",))
"""Below the header of such a table, `[env]` would be a table of its own: what it holds is written inline."""
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def masked(value: str, *names: str) -> str:
    """`value` as it may be shown, when it stands under the keys `names`."""
    if value and any(SECRET_NAME.search(name) and not NOT_SECRET.search(name) for name in names[1:]):
        return MASK
    return QUERY_SECRET.sub(rf"\1{MASK}", URL_PASSWORD.sub(rf"\1{MASK}\3", value))


def as_toml(settings: Settings, *, changed_only: bool = False) -> str:
    """All settings with their secrets masked, one section after the other; or those that are no defaults."""
    values = settings.model_dump(mode="json", exclude_defaults=changed_only)
    return "\n".join(_section(values, ())).strip("\n") + "\n"


def _section(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_table(value, path) or _is_tables(value)}
    for key, value in table.items():
        if key not in inner and value is not None:  # which TOML does not have: the key is left out
            yield f"{_key(key)} = {_value(value, (*path, key))}"
    for key, value in inner.items():
        name = ".".join(_key(step) for step in (*path, key))
        for one in value if isinstance(value, list) else (value,):
            yield ""
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _section(one, (*path, key))


def _is_table(value: Any, path: tuple[str, ...]) -> bool:
    return isinstance(value, dict) and path[:1] not in WRITTEN_MANY_TIMES


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _text(name)


def _value(value: Any, path: tuple[str, ...]) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _text(masked(value, *path))
        case dict():
            # What is null has no word in TOML, and is as good as not there.
            pairs = [f"{_key(key)} = {_value(one, (*path, key))}" for key, one in value.items() if one is not None]
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(_value(one, path) for one in value if one is not None) + "]"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _text(value: str) -> str:
    """A basic string of TOML, which is JSON's but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
