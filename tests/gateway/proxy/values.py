"""What the gate's tests have in common: a site, people, routes, and requests in one line."""

from __future__ import annotations

from typing import Any

from gateway.model import Identity, digest
from gateway.proxy.credentials import BadCredential, Credential
from gateway.proxy.facts import Facts, Head, Refuse, read
from gateway.proxy.gate import Forward, Known, Verdict, decide, judged_by
from gateway.proxy.site import Site
from gateway.routes import SECRET_MARK, Route, RouteTable
from gateway.scopes import expand
from gateway.settings import Settings

NOW = 1_800_000_000.0
HOST = "hub.example.org"
ORIGIN = f"http://{HOST}"
PEER = "192.0.2.7"
ALICE, BOB = "a" * 43, "b" * 43
"""Session values."""
TOKEN = "T" * 43
SECRET = SECRET_MARK + "k" * 43
COOKIE = {"Cookie": f"hubgate-session={ALICE}"}


def site(*addresses: tuple[str, int], tls: bool = False, **gateway: Any) -> Site:
    settings = Settings.model_validate({"gateway": {"allowed_hosts": [HOST], **gateway}})
    return Site.of(settings, addresses or [("127.0.0.1", 8000)], tls)


SITE = site()


def head(line: str, headers: dict[str, str] | list[tuple[str, str]] | None = None, version: str = "1.1") -> Head:
    """`GET /path` and headers; `Host` is added unless it is given, `-` leaves it out."""
    method, _, target = line.partition(" ")
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("Host", HOST))
    return Head(
        method.encode(),
        target.encode("latin-1"),
        version.encode(),
        tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs if value != "-"),
    )


def facts(line: str, headers: dict[str, str] | list[tuple[str, str]] | None = None, where: Site = SITE) -> Facts:
    found = read(head(line, headers), PEER, where, secure=False)
    assert isinstance(found, Facts), found
    return found


def refusal(line: str, headers: dict[str, str] | list[tuple[str, str]] | None = None, where: Site = SITE) -> Refuse:
    found = read(head(line, headers), PEER, where, secure=False)
    assert isinstance(found, Refuse), found
    return found


def user(name: str = "alice", value: str = ALICE, *scopes: str, **fields: Any) -> Identity:
    """A user with a session, or with what `fields` say."""
    expanded = expand(scopes or ["self"], name)
    return Identity(**{
        "kind": "user", "name": name, "scopes": expanded, "credential": "session", "digest": digest(value),
        "credential_id": "1", "revision": 1, **fields,
    })  # fmt: skip


def server(owner: str = "alice", name: str = "", **fields: Any) -> Route:
    prefix = ("user", owner, name) if name else ("user", owner)
    return Route(**{
        "id": f"server:{owner}/{name}", "kind": "server", "prefix": prefix, "owner": owner, "server": name,
        "url": "http://127.0.0.1:9", "auth": "token", "secret": SECRET, **fields,
    })  # fmt: skip


HUB = (Route("hub", "hub", ("hub",)), Route("hub:api", "hub", ("api",)))


def table(*routes: Route) -> RouteTable:
    return RouteTable.of([*HUB, *routes])


PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": ORIGIN}
ALL = table(
    server("alice"),
    server("alice", "gpu", state="starting"),
    server("alice", "old", state="stopped", message="It ran out of memory."),
    server("alice", "going", state="stopping"),
    server("bob", owner_groups=("students",)),
    server("ünï"),
    Route("service:culler", "service", ("services", "culler"), url="http://127.0.0.1:9"),
    Route("custom:/docs/", "custom", ("docs",), url="http://127.0.0.1:9"),
)
ME = user("alice")
OWN_TOKEN = user("alice", TOKEN, credential="token")


def ask(
    line: str,
    headers: dict[str, str] | None = None,
    known: Known = ME,
    routes: RouteTable = ALL,
    where: Any = SITE,
    now: float = NOW,
) -> Verdict:
    """With alice's session cookie, unless `headers` has an own credential."""
    mine = {} if "Authorization" in (headers or {}) else COOKIE
    found = facts(line, {**mine, **(headers or {})}, where)
    return decide(found, known, routes.find(found.segments), now, where)


def anonymous(line: str, headers: dict[str, str] | None = None, routes: RouteTable = ALL) -> Verdict:
    found = facts(line, headers)
    return decide(found, None, routes.find(found.segments), NOW, SITE)


def judge(line: str, headers: dict[str, str], routes: RouteTable = ALL) -> Credential | BadCredential | None:
    """Whose credential decides."""
    found = facts(line, headers)
    return judged_by(found, routes.find(found.segments))


def sent_to(verdict: Verdict) -> str:
    assert isinstance(verdict, Forward), verdict
    return verdict.route.id


def refused(verdict: Verdict) -> Refuse:
    assert isinstance(verdict, Refuse), verdict
    return verdict
