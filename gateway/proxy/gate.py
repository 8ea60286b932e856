"""The gate: may this request pass, and where to? One pure function, on every request.

How a lane uses it:

    facts = read(head, peer, site, secure)              # or a Refuse: answer it
    route = table.find(facts.segments)
    credential = judged_by(facts, route)                # which is not always what the header says
    known = replica.find(credential) if isinstance(credential, Credential) else None
    verdict = decide(facts, known, route, now, site)    # on Ask(credential): ask the hub, find the route, decide again

`known` is the `Identity` behind that credential; `UNKNOWN` when the hub has said that there
is none; `AWAY` when the hub would have to be asked and is away; None when nobody has asked.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from gateway.model import Identity, digest
from gateway.proxy import source, viewing
from gateway.proxy.credentials import BadCredential, Credential, without_token
from gateway.proxy.facts import Facts, Link, Refuse
from gateway.proxy.rights import Right, right
from gateway.proxy.site import Site
from gateway.routes import Route, Segments, escape
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
    """Pass it on to `route`. With a route of kind `hub` there is no identity: the hub judges itself."""

    route: Route
    identity: Identity | None
    credential: Credential | None
    upgrade: bool
    """Pass the upgrade on too; else the request goes without its `Upgrade`."""
    right: Right = "full"
    """Less than `full`: the server's secret is kept from the answers. `view`: the flow lane, where nothing changes."""


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
    """`{base}hub/health?worker=1`: the worker answers for itself, 200 when it is connected, else 503."""


type Verdict = Forward | Redirect | Refuse | Ask | Health

HUB_AWAY = Refuse(503, "The gateway is being restarted. Try again in a moment.", "hub-away", retry_after=5)
NOT_FOUND = Refuse(404, "There is nothing at this address.", "path")
ANONYMOUS = Refuse(403, "Log in first: credentials are missing or not valid any more.", "anonymous")
NOT_ALLOWED = Refuse(403, "You may not use this, or it does not exist.", "not-allowed")
"""One answer for every name that a stranger tries, so that it tells nothing."""
UNKNOWN_TOKEN = Refuse(403, "This token is not valid, or not any more.", "token")
_OUT_OF_PLACE = BadCredential("a server's own token is no credential here")

STARTING_RETRY = 2
STOPPED_RETRY = 30
"""Seconds in `Retry-After`. A tab left open asks for ever, so a stopped server is in no hurry."""
_LONGEST_NEXT = 8000
"""A longer `next` is left out: it must fit into a request line again."""


def decide(facts: Facts, known: Known, route: Route | None, now: float, site: Site) -> Verdict:
    """What to do with this request, whose path leads to `route`. Never raises."""
    credential = judged_by(facts, route)
    if isinstance(credential, BadCredential):
        return _bad(credential, facts, site)
    if credential and credential.kind == "session" and (wrong := source.refused(facts, route, site)):
        return wrong
    if route is None or route.kind == "hub":
        return _of_the_gateway(facts, route, credential, site) or _named(facts, credential, known, now, site)
    who = _who(credential, known, facts, now)
    if not isinstance(who, Identity):
        if route.access == "public" and who in (None, HUB_AWAY):
            return _forward(facts, Forward(route, None, None, _upgrades(facts, route)), site)
        return who or _anonymous(facts, site)
    if (may := _may_access(who, route, facts)) is None:
        return _not_allowed(site)
    if route.state != "ready":
        return _not_ready(facts, route, who, site)
    return _forward(facts, Forward(route, who, credential, _upgrades(facts, route), may), site)


def _forward(facts: Facts, forward: Forward, site: Site) -> Forward | Redirect | Refuse:
    if len(facts.segments) == len(forward.route.prefix) and facts.method in ("GET", "HEAD"):
        return Redirect(_with_query(facts.path + "/", facts, site))
    if forward.right == "view" and (wrong := viewing.refused(facts, forward.route, upgrade=forward.upgrade)):
        return wrong
    return forward


def _upgrades(facts: Facts, route: Route) -> bool:
    return bool(facts.upgrade) and facts.upgrade in route.upgrades


# ── who ──────────────────────────────────────────────────────────────────────


def judged_by(facts: Facts, route: Route | None) -> Credential | BadCredential | None:
    """The credential that decides about this request; None = there is none.

    JupyterLab puts its server's secret into its pages and repeats it in each request.

    That is nobody's credential here, so the cookie decides; by its mark it is known
    even from a tab that is older than the server's last start.
    """
    found = facts.found
    explicit = found.explicit
    if not isinstance(explicit, Credential):
        return explicit or found.session
    if route is None or route.kind == "server":
        if found.echo or (route and route.secret and explicit.digest == _digest(route.secret)):
            return found.session
    elif found.echo:
        return _OUT_OF_PLACE
    return explicit


@lru_cache(maxsize=4096)
def _digest(secret: str) -> str:
    return digest(secret)


def _who(credential: Credential | None, known: Known, facts: Facts, now: float) -> Identity | Ask | Refuse | None:
    """The identity, or what must be answered without one; None = anonymous."""
    if credential is None:
        return None
    if isinstance(known, Identity):
        if known.digest != credential.digest or known.credential != credential.kind:
            return Ask(credential)
        if known.bound and not known.fits(lambda name: facts.vouched.get(name, b"").decode("latin-1")):
            return None  # the proxy names somebody else by now, or nobody: log in again
        if known.expires_at is None or now < known.expires_at:
            return known.at(now) if known.temporary else known
    elif known is None:
        return Ask(credential)
    elif known is AWAY:
        return HUB_AWAY
    # An unknown cookie is an old one: log in again. An unknown token is a mistake.
    return None if credential.kind == "session" else UNKNOWN_TOKEN


def _bad(credential: BadCredential, facts: Facts, site: Site) -> Refuse:
    message = f"The credential was refused: {credential.reason}."
    if facts.segments[len(site.base) : len(site.base) + 1] == ("api",):
        return Refuse(401, message, "token", bearer=True)
    return Refuse(403, message, "token")


def _anonymous(facts: Facts, site: Site) -> Refuse | Redirect:
    if not facts.navigation:
        return ANONYMOUS
    return Redirect(f"{site.base_path}hub/login{_next(facts, site)}")


def _next(facts: Facts, site: Site) -> str:
    """`?next=` with the path and query of this request."""
    back = quote(_with_query(facts.path, facts, site), safe="")
    return f"?next={back}" if len(back) <= _LONGEST_NEXT else ""


def _with_query(path: str, facts: Facts, site: Site) -> str:
    query = without_token(facts.query) if site.token_in_url else facts.query
    # Raw bytes beyond ASCII have no place in a Location.
    return quote(path + ("?" + query.decode("latin-1") if query else ""), safe=_URL, encoding="latin-1")


_URL = "/?%:@!$&'()*+,;=-._~[]|^`{}\\"


# ── may they ─────────────────────────────────────────────────────────────────


def _may_access(who: Identity, route: Route, facts: Facts) -> Right | None:
    if route.kind == "server":
        return right(who, route, facts)
    if route.kind == "service":
        may = allows(who.scopes, "access:services", service=route.id.partition(":")[2])
    else:
        may = who.admin or route.access != "admin"  # a custom route
    return "full" if may else None


def _not_allowed(site: Site) -> Refuse:
    return Refuse(
        NOT_ALLOWED.status,
        NOT_ALLOWED.message,
        NOT_ALLOWED.reason,
        links=(Link("Your servers", f"{site.base_path}hub/home"),),
    )


# ── where to ─────────────────────────────────────────────────────────────────


def _of_the_gateway(
    facts: Facts, route: Route | None, credential: Credential | None, site: Site
) -> Forward | Redirect | Refuse | Health | None:
    """The gateway's own paths; None = a name below `user` or `services` that no route covers."""
    below = facts.segments[len(site.base) :]
    if facts.path == "/" and site.base and facts.method in ("GET", "HEAD"):
        return Redirect(site.base_path)
    if facts.segments[: len(site.base)] != site.base:
        return NOT_FOUND
    if below in ((), ("",), ("hub",)):
        if facts.method not in ("GET", "HEAD"):
            return NOT_FOUND
        if credential is None:
            return Redirect(f"{site.base_path}hub/login{_next(facts, site)}")
        return Redirect(f"{site.base_path}hub/home")
    if below == ("hub", "health") and facts.query == b"worker=1":
        return Health()
    if route is not None:
        return Forward(route, None, credential, upgrade=False)
    if below[0] in ("hub", "api"):
        return HUB_AWAY  # its route comes from the hub itself
    return None if below[0] in ("user", "services") and len(below) > 1 and below[1] else NOT_FOUND


def _named(facts: Facts, credential: Credential | None, known: Known, now: float, site: Site) -> Verdict:
    """A user or service without a route. Only who may use it learns that nothing is there."""
    who = _who(credential, known, facts, now)
    if not isinstance(who, Identity):
        return who or _anonymous(facts, site)
    below = facts.segments[len(site.base) :]
    if below[0] == "services":
        return NOT_FOUND if allows(who.scopes, "access:services", service=below[1]) else _not_allowed(site)
    return _without_route(facts, below, who, site)


def _without_route(facts: Facts, below: Segments, who: Identity, site: Site) -> Refuse | Redirect:
    """No server of that user runs: the path may mean the default server or a named one."""
    owner = below[1]
    prefix = facts.segments[: len(site.base) + 3]
    candidates = [Route("", "server", prefix[:-1] if len(below) > 2 else prefix, state="stopped", owner=owner)]
    if len(below) > 2 and below[2]:
        candidates.append(Route("", "server", prefix, state="stopped", owner=owner, server=below[2]))
    for candidate in candidates:
        if _may_access(who, candidate, facts):
            return _not_ready(facts, candidate, who, site)
    return _not_allowed(site)


def _not_ready(facts: Facts, route: Route, who: Identity, site: Site) -> Refuse | Redirect:
    """Answered from memory, whatever is sent: a tab left open must cost nothing."""
    if route.kind != "server":
        return Refuse(503, "This does not answer at the moment.", "target", retry_after=STOPPED_RETRY)
    may_start = allows(who.scopes, "start:servers", user=route.owner, server=route.server, groups=route.owner_groups)
    where = escape(route.owner) + (f"/{escape(route.server)}" if route.server else "")
    home = Link("Your servers", f"{site.base_path}hub/home")
    if route.state == "starting":
        if facts.navigation and may_start:
            return Redirect(f"{site.base_path}hub/spawn-pending/{where}{_next(facts, site)}")
        return Refuse(424, "The server is starting.", "starting", retry_after=STARTING_RETRY, links=(home,))
    if route.state == "stopping":
        return Refuse(424, "The server is stopping.", "stopping", retry_after=STARTING_RETRY, links=(home,))
    message = "The server is not running."
    if route.message:
        message = f"{message} {route.message}"
    if not may_start:
        hint = "Its owner can start it."
        return Refuse(424, message, "stopped", hint, retry_after=STOPPED_RETRY, links=(home,))
    spawn = f"{site.base_path}hub/spawn/{where}"
    back = _next(facts, site) if facts.navigation else ""
    start = Link("Start the server", spawn + back)
    why = Link("What happened?", f"{site.base_path}hub/spawn-pending/{where}{back}")
    return Refuse(424, message, "stopped", f"Start it at {spawn}.", retry_after=STOPPED_RETRY, links=(start, why, home))
