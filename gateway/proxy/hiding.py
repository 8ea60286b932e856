"""The values that must not be seen, and what stands in their place. Pure.

A hidden value becomes a short hash with a key of the capture and the name of whose request
it was: equal values are seen to be equal, and nobody can find one by trying, not even by
sending guesses through the same capture. What stood at a secret's place once is looked for from then on
in everything of the same person, in any spelling that a program may have given it.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote, unquote_plus

SHORTEST = 8
"""Characters; a shorter value is hidden where it stands, but not looked for elsewhere."""
LONGEST = 4096
KNOWN = 64
"""Values of one person that are looked for; the oldest make room."""


class Hider:
    """What is hidden of one person's requests within one capture."""

    def __init__(self, key: str, whose: str, fixed: Iterable[str] = ()) -> None:
        self._key = f"{key}\n{whose}".encode()
        self._gap = f"\ue000{secrets.token_hex(8)}\ue001"
        """Between texts that are searched at once; nobody can write it."""
        self._fixed = tuple(fixed)
        self._known: OrderedDict[str, None] = OrderedDict()

    def __call__(self, value: str) -> str:
        """What stands for `value`, which is looked for elsewhere from now on."""
        self.learn(value)
        return self.name(value)

    def name(self, value: str) -> str:
        """What stands for `value`; of nothing, nothing."""
        if not value or value.startswith(MARK):
            return value
        return MARK + hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:10]

    def learn(self, value: str) -> None:
        """Look for it from now on."""
        for spelled in (value, unquote_plus(value)) if "%" in value else (value,):
            if SHORTEST <= len(spelled) <= LONGEST and not spelled.startswith(MARK):
                self._known[spelled] = None
                self._known.move_to_end(spelled)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def cleaned(self, texts: Sequence[str]) -> list[str]:
        """The same texts without any value that is known, however it is spelled."""
        text = self._gap.join(texts)
        for value in (*self._fixed, *self._known):
            for spelled in spellings(value):
                if spelled in text:
                    text = text.replace(spelled, self.name(value))
        return text.split(self._gap)


MARK = "hidden-"


@lru_cache(maxsize=2048)
def spellings(value: str) -> tuple[str, ...]:
    """The ways in which text may hold `value`: as it is, quoted for a URL or for JSON, in hex and Base64."""
    raw = value.encode("utf-8", "surrogatepass")
    ways = [value, quote(raw, safe=""), quote(raw, safe="/"), json.dumps(value)[1:-1], raw.hex()]
    for inner in _base64(raw):
        ways += [inner, inner.replace("+", "-").replace("/", "_"), quote(inner, safe="")]
    return tuple(dict.fromkeys(way for way in ways if len(way) >= SHORTEST - 2))


def _base64(raw: bytes) -> Iterator[str]:
    """What is the same in Base64 whatever stands before and after `raw`, for each of three places to begin."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        odd = (before + len(raw)) % 3
        yield whole[(0, 2, 3)[before] : len(whole) - bool(odd)]
