"""Names of users, groups and servers: the form in which they are kept, and what they may hold. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from gateway.errors import BadInput

NAME_BYTES = 255
SERVER_NAME_LENGTH = 30
DISPLAY_NAME_LENGTH = 255
NAMES_LISTED = 10
LETTERS_LISTED = 100


def normalise(name: str) -> str:
    """The form in which names are kept and compared: NFC, lower case, stripped."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).lower())


def checked_name(name: str, what: str = "user name") -> str:
    """Normalise `name`, or raise `BadInput` that names the rule it breaks."""
    name = normalise(name)
    if not name:
        raise BadInput(f"{what} must not be empty", key="name-empty")
    if len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        raise BadInput(
            f"{what} must not be longer than {NAME_BYTES} bytes", key="name-bytes", about={"most": NAME_BYTES}
        )
    if set(name) == {"."}:
        raise BadInput(f"{what} must not consist of dots only", key="name-dots")
    # `;` ends a path segment for some servers, so the gate refuses it where a path names somebody;
    # U+FFFD is what bytes that are no UTF-8 are read as.
    if any(char in "/%\\;\ufffd" or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name):
        raise BadInput(f"{what} must not contain '/', '%', '\\', ';', control or format characters", key="name-signs")
    return name


def checked_group_name(name: str) -> str:
    """A group's name as it is kept (NFC; letters keep their case), or `BadInput`.

    It may hold what names of users may not: providers make groups like `org/team`.
    """
    name = unicodedata.normalize("NFC", name)
    if not name or name != name.strip() or set(name) == {"."}:
        raise BadInput(
            "group name must not be empty, begin or end with a space, or consist of dots only", key="group-name-ends"
        )
    if len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        raise BadInput(
            f"group name must not be longer than {NAME_BYTES} bytes", key="name-bytes", about={"most": NAME_BYTES}
        )
    if any(char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name):
        raise BadInput("group name must not contain control or format characters", key="group-name-signs")
    return name


def checked_server_name(name: str) -> str:
    """A named server's name by JupyterHub 6's rule (section 1.4), or `BadInput`."""
    fit = (
        0 < len(name) <= SERVER_NAME_LENGTH
        and name.isascii()
        and name[0].isalpha()
        and name[-1].isalnum()
        and all(char.isdigit() or char.islower() or char == "-" for char in name)
        and "--" not in name
    )
    if not fit:
        raise BadInput(
            f"server name must have 1 to {SERVER_NAME_LENGTH} characters a-z, 0-9 and single '-', "
            "begin with a letter and end with a letter or digit",
            key="server-name",
            about={"most": SERVER_NAME_LENGTH},
        )
    return name


def checked_display_name(name: str) -> str:
    """A server's name for people, in NFC, or `BadInput`."""
    name = unicodedata.normalize("NFC", name)
    if not 0 < len(name) <= DISPLAY_NAME_LENGTH:
        raise BadInput(
            f"display name must have 1 to {DISPLAY_NAME_LENGTH} characters",
            key="name-length",
            about={"most": DISPLAY_NAME_LENGTH},
        )
    if not name.isprintable() or "  " in name or name != name.strip():
        raise BadInput(
            "display name must be printable, without spaces at its ends and without two in a row", key="name-spaces"
        )
    return name


def listed(names: Sequence[str]) -> str:
    """Names in a message: the first ten, each cut to 100 characters."""
    return ", ".join(name[:LETTERS_LISTED] for name in names[:NAMES_LISTED]) + (
        " …" if len(names) > NAMES_LISTED else ""
    )
