"""What a request carries: JSON objects and form fields, bounded and checked.

A JSON body is declared as a `Body` class; `read` gives an instance of it or says what is
wrong. Texts with NUL or half a surrogate pair are refused here, because databases and
encoders further down would fail on them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from api.request import Request
from gateway.errors import BadInput, HubgateError
from gateway.hub.words import plain

MAX_BODY = 1024 * 1024
MAX_FORM = 256 * 1024
MAX_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
SHOWN = 5
"""Unknown keys that a message names."""


class TooLarge(HubgateError):
    """The body is larger than this resource takes."""

    status = 413


class WrongType(HubgateError):
    """The body is of a type that this resource does not read."""

    status = 415


class Body(BaseModel):
    """A JSON object as a resource takes it: these keys and no others, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


async def read[B: Body](req: Request, kind: type[B]) -> B:
    """The body, which is an object of that kind; no body is an empty object."""
    return fitted(kind, await json_object(req))


def fitted[B: Body](kind: type[B], fields: dict[str, Any]) -> B:
    """`fields` as a body of that kind, or `BadInput` that names what is wrong with the first wrong one."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise BadInput(_said(error)) from None


async def content(req: Request, limit: int = MAX_BODY) -> bytes:
    """The whole body, or `TooLarge`."""
    body = bytearray()
    while chunk := await req.stream.read(65536):
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
    return bytes(body)


async def json_value(req: Request) -> Any:
    """The body as JSON, None when there is none. The Content-Type is not asked."""
    body = await content(req)
    if not body.strip():
        return None
    try:
        value = json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
        _check_texts(value)
    except (ValueError, RecursionError):
        raise BadInput("Invalid JSON in body of request") from None
    return value


async def json_object(req: Request) -> dict[str, Any]:
    """The body as a JSON object; {} when there is none."""
    value = await json_value(req)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput("Body must be a JSON dict or empty")
    return value


async def form(req: Request) -> list[tuple[str, str]]:
    """The fields of a posted form, in their order."""
    if media_type(req) != FORM:
        raise WrongType(f"A form is sent as {FORM}")
    body = await content(req, MAX_FORM)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadInput("The form cannot be read") from None
    for name, value in pairs:
        _check_texts(name)
        _check_texts(value)
    return pairs


def media_type(req: Request) -> str:
    """The Content-Type without its parameters; "" if there is none."""
    return (req.content_type or "").partition(";")[0].strip().lower()


def _said(error: ValidationError) -> str:
    """What is wrong, in one line, however long the names that were sent are."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if unknown := sorted(_path(each["loc"]) for each in found if each["type"] == "extra_forbidden"):
        return f"Invalid JSON keys: {', '.join(unknown[:SHOWN])}" + (" …" if unknown[SHOWN:] else "")
    first = found[0]
    where = _path(first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing"
    text = first["msg"].removeprefix("Value error, ")
    return text.replace("Input should", f"{where} should", 1) if "Input should" in text else f"{where}: {text}"


def _path(location: Sequence[str | int]) -> str:
    return ".".join(plain(str(part), 40) for part in location) or "the body"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What two readers could understand differently is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadInput("A key stands twice in the same JSON object")
    return found


def _no_constant(name: str) -> None:
    raise BadInput(f"{name} is no JSON")


def _check_texts(value: Any) -> None:
    """No text in `value` holds what cannot be stored. `RecursionError` if it is too deep."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise BadInput("A text holds a NUL or half a character")
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
