"""`{port}` and the like in a profile's `command`, `env` and `cwd`. Pure.

`{name}` with a name that is not known is a mistake and not text, so that a slip of
the pen never reaches a command line. `{{name}}` stands for `{name}` itself; other
braces, as in JSON, mean nothing here. What is filled in is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.errors import StartFailed
from gateway.model import Profile

NAMES = ("ip", "port", "base_url", "username", "server_name", "home")

_PLACEHOLDER = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced, or `StartFailed` that names the unknown one."""

    def one(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return f"{{{match['literal']}}}"
        if name not in values:
            raise StartFailed(f"The profile has {_unknown(name)}")
        return values[name]

    return _PLACEHOLDER.sub(one, text)


def mistakes(profile: Profile) -> list[str]:
    """A line for each unknown placeholder of `profile`, with the key it stands in."""
    texts = [("command", argument) for argument in profile.command]
    texts += [(f"env.{key}", value) for key, value in profile.env.items()]
    texts.append(("cwd", profile.cwd))
    return [
        f"{key}: {_unknown(match['name'])}"
        for key, text in texts
        for match in _PLACEHOLDER.finditer(text)
        if match["name"] is not None and match["name"] not in NAMES
    ]


def _unknown(name: str) -> str:
    known = " ".join(f"{{{each}}}" for each in NAMES)
    return f"the unknown placeholder {{{name}}}; known are {known}, and {{{{{name}}}}} stands for {{{name}}} itself"
