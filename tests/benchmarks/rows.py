"""The rows: what is done, by whom, and how the gateway should compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import bulk, crowds, load, sockets, starts
from tests.benchmarks.hubs import LAB, SMALL
from tests.benchmarks.measure import Sample
from tests.benchmarks.peers import Peer
from tests.benchmarks.spread import spread
from tests.benchmarks.table import Aim


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how much."""

    rounds: int = 5
    seconds: int = 3
    """Of each load, in each round."""
    size: int = 1 << 30
    """Bytes of a bulk transfer."""
    talking: int = 100
    idle: int = 5000
    """WebSockets."""


FULL = Effort()
SMOKE = Effort(rounds=1, seconds=1, size=16 << 20, talking=8, idle=50)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    title: str
    peers: Sequence[str]
    """Ours is the first."""
    work: Callable[[Any, Effort], Sample]
    """With a peer; those of rows about users and servers are hubs."""
    aims: Sequence[Aim] = ()
    fresh: bool = False
    """New peers for each round: memory that was used once and is free again is not given back."""


def small_get(connections: int, *more: str) -> Row:
    return Row(
        f"small-get-{connections}",
        f"GET of 150 bytes, {connections} kept connections",
        ("hubgate", "chp", "nginx+auth", "caddy+auth", *more),
        lambda peer, effort: load.get("small", connections)(peer, effort.seconds),
        (
            Aim("rate", "chp", 3.0, 2.2),
            Aim("p99", "chp", 1.0),
            Aim("cpu", "chp", 0.4, 0.5),
            Aim("rate", "nginx+auth", 1.1, 0.9),
            Aim("rate", "caddy+auth", 4.0),
        ),
    )


def transfer(name: str, work: Callable[[Peer, int, int], Sample], streams: int) -> Row:
    return Row(
        f"{name}-{streams}",
        f"1 GiB {name}, {streams} at once" if streams > 1 else f"1 GiB {name}",
        ("hubgate", "chp"),
        lambda peer, effort: work(peer, effort.size, streams),
        (Aim("mb", "chp", 1.2, 0.8),),
    )


def echo(name: str, size: int) -> Row:
    return Row(
        f"echo-{name}",
        f"WebSocket echo of {size} bytes, 100 sockets",
        ("hubgate", "chp", "haproxy", "direct"),
        lambda peer, effort: sockets.echo(peer, effort.talking, size, effort.seconds),
        (Aim("rate", "chp", 1.5),),
    )


def start(profile: str, what: str) -> Row:
    return Row(
        f"start-{profile}",
        f'"start" to the first byte of {what}',
        ("hubgate", "jupyterhub"),
        lambda hub, _: starts.start(hub, profile),
        (Aim("seconds", "jupyterhub", 0.8),),
    )


def rest(name: str, path: str, by: str = "") -> Row:
    def work(hub: Any, effort: Effort) -> Sample:
        return load.requests(hub, hub.rest(path, by), 8, effort.seconds)

    aims = (Aim("rate", "jupyterhub", 10.0, 6.0),)
    return Row(f"rest-{name}", f"GET /hub/api/{path}, 100 users", ("hubgate", "jupyterhub"), work, aims)


def page(name: str) -> Row:
    many, few = "hubgate, 50 000 users", "hubgate, 100 users"
    return Row(
        f"page-{name}",
        f"GET /{crowds.PAGES[name]}, one reader",
        (many, few),
        lambda hub, effort: crowds.look(hub, name, effort.seconds),
        (Aim("p50", few, 3.0),),
    )


ROWS: tuple[Row, ...] = (
    small_get(16, "nginx", "haproxy", "caddy", "direct"),
    small_get(128),
    Row(
        "two-workers",
        "the same with two workers, 128 connections",
        ("hubgate, 2 workers", "hubgate"),
        lambda peer, effort: spread(peer, 128, effort.seconds),
        (Aim("cpu", "hubgate", 0.1, tolerance=True), Aim("rate", "hubgate", 1.6), Aim("spread", "", 20)),
    ),
    transfer("down", bulk.down, 1),
    transfer("down", bulk.down, 4),
    transfer("up", bulk.up, 1),
    transfer("up", bulk.up, 4),
    echo("100", 100),
    echo("64k", 65536),
    Row(
        "flow-lane",
        "GET of 150 bytes, 16 connections, an addon sees every flow",
        ("hubgate, flow lane", "mitmdump"),
        lambda peer, effort: load.get("small", 16)(peer, effort.seconds),
        (Aim("rate", "mitmdump", 1.5),),
    ),
    Row(
        "request-log",
        "GET of 150 bytes, 16 connections, with the request log at the hub, without it, and without access log",
        ("hubgate", "hubgate, hub untold", "hubgate, no log"),
        lambda peer, effort: load.get("small", 16)(peer, effort.seconds),
        (
            Aim("rate", "hubgate, hub untold", 0.95),
            Aim("cpu", "hubgate, hub untold", 1.05),
            Aim("rate", "hubgate, no log", 0.95),
            Aim("cpu", "hubgate, no log", 1.05),
        ),
    ),
    Row(
        "watcher",
        "the same while somebody watches every request, and while nobody does",
        ("hubgate, watched", "hubgate"),
        lambda peer, effort: load.get("small", 16)(peer, effort.seconds),
        (Aim("rate", "hubgate", 0.9), Aim("cpu", "hubgate", 1.1)),
    ),
    rest("user", "users/user-1"),
    rest("users", "users"),
    rest("self", "user", by="user-2"),
    *map(page, crowds.PAGES),
    start(SMALL, "a server that is up at once"),
    start(LAB, "JupyterLab"),
    Row(
        "idle-sockets",
        "5 000 open WebSockets that say nothing",
        ("hubgate", "chp", "jupyterhub"),
        lambda peer, effort: sockets.idle(peer, effort.idle),
        (Aim("socket", "chp", 1.0), Aim("memory", "jupyterhub", 1.0)),
        fresh=True,
    ),
)


def chosen(pattern: str) -> list[Row]:
    """Those whose name has one of the words of `pattern` in it; all for none."""
    words = pattern.split()
    return [row for row in ROWS if not words or any(word in row.name for word in words)]
