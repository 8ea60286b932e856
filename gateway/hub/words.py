"""Text from outside, made fit for log lines and audit rows: on one line, and short. Pure."""

from __future__ import annotations

from gateway.log import escaped

LONGEST = 100


def called(user: str, server: str) -> str:
    """A server in a message: by its user alone if it is the default one."""
    return f"{user}:{server}" if server else user


def plain(text: str, longest: int = LONGEST) -> str:
    """`text` with every character visible, and cut with a mark when it is too long."""
    cut = escaped(text[:longest])
    return cut if len(text) <= longest else f"{cut}… ({len(text)} characters)"
