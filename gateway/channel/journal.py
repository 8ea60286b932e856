"""The hub's pushes, numbered without gaps, kept a while for workers that reconnect. Pure."""

from __future__ import annotations

import dataclasses
from collections import deque

from gateway.channel.messages import Push

KEPT = 10_000
"""A worker that missed more gets everything anew, which is then the smaller work."""


class Journal:
    def __init__(self, boot: str, kept: int = KEPT) -> None:
        self.boot = boot
        """Random, new with each hub process: numbers of another boot mean nothing."""
        self.seq = 0
        """Of the last push; 0 before the first."""
        self._kept: deque[Push] = deque(maxlen=kept)

    def add[P: Push](self, push: P) -> P:
        """Number `push` (whatever number it has), keep it, and return it to be sent."""
        self.seq += 1
        numbered = dataclasses.replace(push, seq=self.seq)
        self._kept.append(numbered)
        return numbered

    def since(self, boot: str, seq: int) -> list[Push] | None:
        """What came after `seq` of `boot`; None when that can no longer be told."""
        if boot != self.boot or not 0 <= seq <= self.seq or self.seq - seq > len(self._kept):
            return None
        missed = self.seq - seq
        return list(self._kept)[len(self._kept) - missed :]
