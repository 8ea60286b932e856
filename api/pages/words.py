"""Texts from outside made fit to show, and times in words. Pure."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # window titles and links
    r"|\x1b[@-Z\\-_]"
)


def plain(text: str) -> str:
    """Output of a program without terminal codes and without characters that lie.

    Control characters and those that turn the direction of writing become U+FFFD;
    of a line that was written over with CR only the last state stays.
    """
    text = _ESCAPE_SEQUENCE.sub("", text).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join("".join(map(_shown, line)) for line in lines)


def _shown(char: str) -> str:
    if char == "\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return char
    # Joiners are part of ordinary words and emoji.
    return char if char in "\u200c\u200d" else "\ufffd"


def ago(then: float | None, now: float) -> str:
    """`5 minutes ago`; "" for None."""
    if then is None:
        return ""
    seconds = max(0, now - then)
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
