"""Against tabs that are left open: one credential gets so many refusals a second, then a shorter answer. Pure.

A tab of a stopped server, or with a cookie that has ended, asks for ever. Each answer
comes from the worker's memory, without an upstream and without the hub; this bounds how
many of them one credential can have. Pages are spared: a person waits for those.
"""

from __future__ import annotations

from gateway.buckets import Buckets
from gateway.proxy.credentials import Credential
from gateway.proxy.facts import Facts, Refuse

PER_SECOND = 10.0
"""As many as a handful of tabs ask for."""
BURST = 100
CREDENTIALS = 20_000

STALE = frozenset({"anonymous", "token", "not-allowed", "stopped", "starting", "stopping"})
"""Reasons of refusals that a tab left open gets. What a page does wrong is told each time."""

TOO_OFTEN = Refuse(
    429,
    "This was refused again and again. A tab that was left open asks for it: close it, or load it anew.",
    "stale",
    retry_after=60,
)


class Shield:
    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._buckets: Buckets[str] = Buckets(burst, per_second, CREDENTIALS)

    def tempered[V](self, verdict: V, facts: Facts, now: float) -> V | Refuse:
        """`verdict`, or `TOO_OFTEN` in its place."""
        if not isinstance(verdict, Refuse) or verdict.reason not in STALE or facts.navigation:
            return verdict
        explicit, session = facts.found.explicit, facts.found.session
        credential = explicit if isinstance(explicit, Credential) else session
        if credential is None or not self._buckets.take(credential.digest, now):
            return verdict
        return TOO_OFTEN
