"""What a log-in form may hold, bounded before anything is done with it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from gateway.errors import BadInput
from gateway.model import checked_name

NAME_LENGTH = 1024
"""Characters; `checked_name` has the real limit, this one only spares the work."""

PASSWORD_BYTES = 1024


def credentials(form: Mapping[str, str]) -> tuple[str, str] | None:
    """The normalised name and the password, or None when they can be nobody's.

    That is told by their form alone, so refusing them at once reveals nothing.
    """
    name, password = form.get("username", ""), form.get("password", "")
    if len(name) > NAME_LENGTH or len(password) > PASSWORD_BYTES:
        return None
    try:
        return checked_name(name), composed(password)
    except BadInput:
        return None


def composed(password: str) -> str:
    """NFC: one keyboard sends `é` as one character, another as two."""
    return unicodedata.normalize("NFC", password)


def in_bytes(password: str) -> bytes:
    """A form may hold lone surrogates; they are a wrong password, not an error."""
    return password.encode("utf-8", "surrogatepass")
