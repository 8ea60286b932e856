"""What a request carries: JSON objects and form fields, bounded and checked.

Texts with NUL or half a surrogate pair are refused here, because databases and
encoders further down would fail on them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from api.request import Request
from gateway.errors import BadInput, HubgateError

MAX_BODY = 1024 * 1024
MAX_FORM = 64 * 1024
MAX_FIELDS = 100
FORM = "application/x-www-form-urlencoded"


class TooLarge(HubgateError):
    """The body is larger than this resource takes."""

    status = 413


class WrongType(HubgateError):
    """The body is of a type that this resource does not read."""

    status = 415


async def read(req: Request, limit: int = MAX_BODY) -> bytes:
    """The whole body, or `TooLarge`."""
    body = bytearray()
    while chunk := await req.stream.read(65536):
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
    return bytes(body)


async def json_object(req: Request) -> dict[str, Any]:
    """The body as a JSON object; {} when there is none. The Content-Type is not asked."""
    body = await read(req)
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
        _check_texts(value)
    except (ValueError, RecursionError):
        raise BadInput("Invalid JSON in body of request") from None
    if not isinstance(value, dict):
        raise BadInput("Body must be a JSON dict or empty")
    return value


async def form(req: Request) -> dict[str, str]:
    """The fields of a posted form; of a repeated one the last."""
    if media_type(req) != FORM:
        raise WrongType(f"A form is sent as {FORM}")
    body = await read(req, MAX_FORM)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadInput("The form cannot be read") from None
    fields = dict(pairs)
    _check_texts(fields)
    return fields


def media_type(req: Request) -> str:
    """The Content-Type without its parameters; "" if there is none."""
    return (req.content_type or "").partition(";")[0].strip().lower()


def checked(body: Mapping[str, Any], **allowed: type | tuple[type, ...]) -> None:
    """Only these keys, each of its type, or `BadInput` that names the wrong one."""
    if unknown := sorted(set(body) - set(allowed)):
        raise BadInput(f"Invalid JSON keys: {', '.join(unknown)}")
    for key, value in body.items():
        kinds = allowed[key]
        # A bool is an int for Python, but not for whoever sent it.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in _tuple(kinds)):
            raise BadInput(f"{key} must be {_names(kinds)}, not {type(value).__name__}")


def _tuple(kinds: type | tuple[type, ...]) -> tuple[type, ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def _names(kinds: type | tuple[type, ...]) -> str:
    return " or ".join("null" if kind is type(None) else kind.__name__ for kind in _tuple(kinds))


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
