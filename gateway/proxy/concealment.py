"""Keeps a server's secret from guests who may do less than everything with it. Sans-io.

JupyterLab writes its server's token into its page. With it, somebody on the same machine
could talk to the server past the gate. What takes its place has the same length, so
nothing of the response's framing changes, and is no credential anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.routes import SECRET_MARK

type Swap = tuple[bytes, bytes]

WRITABLE: Swap = (b'"writable": true', b'"writable":false')
"""In Jupyter's models of files: JupyterLab then shows them as what they are to this guest, and does not try to save.
Within a text the quotes are escaped, so no text is changed."""


def hidden(secret: str) -> Swap:
    mark = SECRET_MARK.encode()
    said = secret.encode("latin-1")
    return said, (mark + b"0" * len(said))[: len(said)]


class Concealment:
    """One response's body, as it streams by."""

    __slots__ = ("_held", "_swaps")

    def __init__(self, swaps: Sequence[Swap]) -> None:
        self._swaps = tuple(swaps)
        self._held = b""
        """The end of what came, where it may be the beginning of something to hide."""

    def feed(self, data: bytes, *, last: bool) -> bytes:
        data = self._held + data
        for wanted, instead in self._swaps:
            data = data.replace(wanted, instead)
        kept = 0 if last else max(_begun(data, wanted) for wanted, _ in self._swaps)
        self._held = data[len(data) - kept :]
        return data[: len(data) - kept]


def _begun(data: bytes, wanted: bytes) -> int:
    """How many bytes at the end of `data` may go on to be `wanted`."""
    for size in range(min(len(wanted) - 1, len(data)), 0, -1):
        if data.endswith(wanted[:size]):
            return size
    return 0
