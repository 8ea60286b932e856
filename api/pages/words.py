"""Texts from outside made fit to show. Pure."""

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
