"""The gate: may this request pass, and where to? One pure function, on every request.

How a lane uses it:

    facts = read(head, peer, site, secure)              # or Refuse: answer it
    credential = judged_by(facts, table)                # not just what the header says
    known = replica.find(credential) if credential else None
    verdict = decide(facts, known, table, now, site)    # may be Ask(credential): ask the hub, decide again

`known` is the `Identity` behind that credential, `UNKNOWN` when the hub has said that
there is none, `AWAY` when the hub is needed and away, None when nobody has asked yet.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from gateway.model import Identity, digest
from gateway.proxy.credentials import BadCredential, Credential
from gateway.proxy.facts import Facts, Link, Refuse
from gateway.proxy.site import Site
from gateway.proxy.source import refused_source
from gateway.routes import Route, RouteTable, escape
from gateway.scopes import allows


class Unresolved(enum.Enum):
    """Why there is no identity for a credential."""

    UNKNOWN = "unknown"
    AWAY = "away"


UNKNOWN = Unresolved.UNKNOWN
AWAY = Unresolved.AWAY

type Known = Identity | Unresolved | None


@dataclass(frozen=True, slots=True)
class Forward:
    """Pass it on to `route`. Routes of kind `hub` get no identity: the hub judges itself."""

    route: Route
    identity: Identity | None
    credential: Credential | None
    upgrade: bool
    """Pass the upgrade on; else the request is forwarded without its `Upgrade`."""


@dataclass(frozen=True, slots=True)
class Redirect:
    location: str
    """A path of ours, percent-encoded."""
    status: int = 302


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the hub who this is, then decide again."""

    credential: Credential


@dataclass(frozen=True, slots=True)
class Health:
    """`{base}hub/health?worker=1`: the worker answers for itself (200 when connected, else 503)."""


type Verdict = Forward | Redirect | Refuse | Ask | Health


def judged_by(facts: Facts, table: RouteTable) -> Credential | BadCredential | None: ...


def decide(facts: Facts, known: Known, table: RouteTable, now: float, site: Site) -> Verdict: ...
