"""The download guard: files that a Jupyter server hands out are logged, or held back, by size and type.

It sees GETs below `files/`, `api/contents/`, `nbconvert/` and `directories/` of users' servers,
and no others: those stay in the express lane. What is sent *to* a server it leaves alone, since
upload and save are the same `PUT`. Whoever can run code has other ways to take data out: this
guards the doors, not the walls.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, unquote

from pydantic import BaseModel, ByteSize, ConfigDict

from gateway.hookspecs import Addon, Match, hookimpl

if TYPE_CHECKING:  # the hub imports this module, too, and has no use for mitmproxy
    from mitmproxy.http import HTTPFlow

log = logging.getLogger(__name__)

PLACES = ("files", "api/contents", "nbconvert", "directories")
CONTENTS = ("api", "contents")
MODEL = 4 * 1024 * 1024
"""Bytes of an answer of the contents API that is read before it is judged; a longer one is a file's."""
WORD = "download-guard"


class Options(BaseModel):
    """`[plugins.downloads]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["off", "log", "block"] = "off"
    max_size: ByteSize = ByteSize(0)
    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    paths: tuple[str, ...] = PLACES


@dataclass(frozen=True, slots=True)
class File:
    """What is handed out."""

    name: str
    kind: str
    """Media type, lower case, without parameters; "" = it is not known, so it may be any."""
    size: int | None
    """Bytes; None = it is not said."""


class Guard:
    """The addon. Whatever it cannot judge it treats as one that is to be held back."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def responseheaders(self, flow: HTTPFlow) -> None:
        answer = flow.response
        if answer is None or answer.status_code not in (200, 206) or flow.request.method != "GET":
            return
        steps = below(flow)
        if steps[:2] == CONTENTS:
            if parse_qs(flow.request.path.partition("?")[2]).get("content", ["1"])[-1] == "0":
                return
            length = whole(answer.headers)
            if length is not None and length <= MODEL:
                answer.stream = False  # judged in `response`, by what it says of itself
                return
            kind = ""  # what a file in JSON is stands inside
        else:
            kind = kind_of(answer.headers)
        self._judge(flow, File(steps[-1] if steps else "", kind, whole(answer.headers)))

    def response(self, flow: HTTPFlow) -> None:
        """An answer of the contents API that was read as a whole."""
        answer = flow.response
        if answer is None or answer.stream or below(flow)[:2] != CONTENTS or answer.status_code != 200:
            return
        file = described(below(flow)[-1], answer.get_text(strict=False) or "")
        if file is None or not self._unwanted(file):
            return
        self._say(flow, file)
        if self._options.action == "block":
            body = refusal(file)
            answer.status_code, answer.reason = 403, "Forbidden"
            for header in ("Content-Encoding", "ETag", "Last-Modified"):
                answer.headers.pop(header, None)
            answer.headers["Content-Type"] = "application/json"
            answer.content = body

    def _judge(self, flow: HTTPFlow, file: File) -> None:
        if file.size is None and self._options.max_size and self._of_type(file):
            self._count(flow, file)
        elif self._unwanted(file):
            self._say(flow, file)
            if self._options.action == "block":
                hold(flow, refusal(file))

    def _unwanted(self, file: File) -> bool:
        too_large = file.size is None or file.size > self._options.max_size or not self._options.max_size
        return self._of_type(file) and too_large

    def _of_type(self, file: File) -> bool:
        name = file.name.lower()
        return not self._options.types or any(
            name.endswith(each.lower())
            if each.startswith(".")
            else not file.kind or fnmatchcase(file.kind, each.lower())
            for each in self._options.types
        )

    def _count(self, flow: HTTPFlow, file: File) -> None:
        """Its size shows only as it comes: at the limit it ends."""
        answer = flow.response
        if answer is None:
            return
        passed, limit, block = 0, self._options.max_size, self._options.action == "block"

        def counted(data: bytes) -> bytes:
            nonlocal passed
            before, passed = passed, passed + len(data)
            if before <= limit < passed:
                self._say(flow, file)
            return data[: max(0, limit - before)] if block else data

        answer.stream = counted

    def _say(self, flow: HTTPFlow, file: File) -> None:
        done = "held back" if self._options.action == "block" else "taken"
        log.warning(
            "%s: %s %s by %r: %r, %s, %s", WORD, flow.request.method, done, who(flow),
            "/" + "/".join(below(flow)), told(file.size), file.kind,
        )  # fmt: skip


def hold(flow: HTTPFlow, body: bytes) -> None:
    """Another answer in place of this one, whose body comes and is dropped."""
    answer = flow.response
    if answer is None:
        return
    answer.status_code, answer.reason = 403, "Forbidden"
    answer.headers.clear()
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Length"] = str(len(body))
    answer.headers["Cache-Control"] = "no-store"
    answer.stream = lambda data: b"" if data else body


def refusal(file: File) -> bytes:
    what = f"{told(file.size)}, {file.kind or 'of an unknown type'}"
    message = f"This file ({what}) is not handed out by the gateway. Ask an administrator."
    return json.dumps({"message": message, "reason": WORD}).encode()


def told(size: int | None) -> str:
    return "of unknown size" if size is None else f"{size} bytes"


def below(flow: HTTPFlow) -> tuple[str, ...]:
    """The path's segments below the server's own, decoded, without empty ones."""
    prefix = steps(flow.request.headers.get("X-Forwarded-Prefix", ""))
    path = steps(flow.request.path.partition("?")[0])
    return path[len(prefix) :] if path[: len(prefix)] == prefix else path


def steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in unquote(path).split("/") if step)


def who(flow: HTTPFlow) -> str:
    return unquote(flow.request.headers.get("X-Hubgate-User", "")) or "nobody"


def kind_of(headers: Any) -> str:
    return str(headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def whole(headers: Any) -> int | None:
    """Bytes of the whole file, also where only a part of it was asked for."""
    total = str(headers.get("Content-Range", "")).rpartition("/")[2].strip()
    if total:
        return int(total) if total.isascii() and total.isdigit() else None
    length = str(headers.get("Content-Length", ""))
    return int(length) if length.isascii() and length.isdigit() else None


def described(name: str, text: str) -> File | None:
    """A file as the contents API describes it; None for what is none: a folder, a list."""
    try:
        model = json.loads(text)
    except ValueError:
        return File(name, "", None)
    if not isinstance(model, dict) or model.get("type") == "directory" or "content" not in model:
        return None
    length = model.get("size")
    kind = "application/x-ipynb+json" if model.get("type") == "notebook" else str(model.get("mimetype") or "").lower()
    return File(name, kind, length if isinstance(length, int) else len(text))


@hookimpl
def gateway_options() -> type[BaseModel]:
    return Options


@hookimpl
def gateway_addons(options: Options) -> Sequence[Addon]:
    if options.action == "off":
        return []
    match = Match(methods=("GET",), kinds=("server",), groups=options.groups, below=options.paths)
    return [Addon("downloads", match, Guard(options))]
