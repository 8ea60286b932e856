"""`{port}` and the like in a profile's `command`, `env` and `cwd`. Pure.

`{name}` with a name that is not known is a mistake and not text, so that a slip of
the pen never reaches a command line. `{{name}}` stands for `{name}` itself; other
braces, as in JSON, mean nothing here. What is filled in is not looked at again,
and never split: one argument stays one argument.

`{opt_name}` is what the user chose. It never stands where it would be code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath

from gateway.errors import StartFailed
from gateway.model import Profile, Server

NAMES = ("ip", "port", "base_url", "prefix", "username", "server_name", "home")

_PLACEHOLDER = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}")
_INTERPRETER = re.compile(
    r"(ba|da|z|k|fi|tc|c|a|)sh|python[0-9.]*|perl|ruby|node|nodejs|deno|bun|R|Rscript|julia|lua|php"
)
_SCRIPT_FLAG = re.compile(r"-[A-Za-z]*[cer]|--(eval|exec|command|print)")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced, or `StartFailed` that names the unknown one."""

    def one(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return f"{{{match['literal']}}}"
        if name not in values:
            raise StartFailed(
                f"The profile has {_unknown(name, values)}",
                key="start-placeholder",
                about={"name": f"{{{name}}}", "known": _listed(values)},
            )
        return values[name]

    return _PLACEHOLDER.sub(one, text)


def argument(text: str, values: Mapping[str, str]) -> str:
    """As `fill`, for one argument of a command: a person's name at its beginning must not become a flag."""
    filled = fill(text, values)
    if text.startswith("{username}") and filled.startswith("-"):
        raise StartFailed(
            "The user's name begins with '-', and the command would take it for a flag", key="start-name-flag"
        )
    return filled


def chosen(profile: Profile, server: Server) -> dict[str, str]:
    """The values of `{opt_name}`; the default where the server was started without the option."""
    values = {option.name: server.options.get(option.name, option.default) for option in profile.options}
    return {
        f"opt_{name}": str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()
    }


def mistakes(profile: Profile) -> list[str]:
    """A line for each unknown placeholder of `profile`, and for each that would be code, with its key."""
    options = {f"opt_{option.name}": option.type for option in profile.options}
    texts = [("command", argument) for argument in profile.command]
    texts += [(f"env.{key}", value) for key, value in profile.env.items()]
    known = (*NAMES, *options)
    found = [f"{key}: {_unknown(name, known)}" for key, text in texts for name in _named(text) if name not in known]
    found += [f"cwd: {_unknown(name, NAMES)}" for name in _named(profile.cwd) if name not in NAMES]
    found += [
        f"command: {{{name}}} names the program, which only a choice may do"
        for name in _named(*profile.command[:1])
        if options.get(name, "choice") != "choice"
    ]
    found += [
        f"command: {{{name}}} stands inside a script, where a text is code; give it to the script as an argument: "
        f'["sh", "-c", "exec program \\"$1\\"", "sh", "{{{name}}}"]'
        for script in _scripts(profile.command)
        for name in _named(script)
        if options.get(name) == "text"
    ]
    return found


def _named(*texts: str) -> Iterator[str]:
    for text in texts:
        yield from (match["name"] for match in _PLACEHOLDER.finditer(text) if match["name"] is not None)


def _scripts(command: Sequence[str]) -> Iterator[str]:
    """Arguments that an interpreter runs: those after `-c`, `-e` and the like."""
    interpreted = False
    for before, argument in pairwise(command):
        interpreted = interpreted or _INTERPRETER.fullmatch(PurePath(before).name) is not None
        if interpreted and _SCRIPT_FLAG.fullmatch(before):
            yield argument


def _unknown(name: str, known: Sequence[str] | Mapping[str, str]) -> str:
    return (
        f"the unknown placeholder {{{name}}}; known are {_listed(known)}, "
        f"and {{{{{name}}}}} stands for {{{name}}} itself"
    )


def _listed(known: Sequence[str] | Mapping[str, str]) -> str:
    return " ".join(f"{{{each}}}" for each in known)
