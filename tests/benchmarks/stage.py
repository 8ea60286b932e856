"""The peers of a run: each is started when a row first needs it, and all are stopped at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from tests.benchmarks.config import Caddy, Haproxy, Nginx
from tests.benchmarks.crowds import FEW, MANY, Crowded
from tests.benchmarks.hubs import MATCH_ALL, NO_LOG, UNTOLD, Hubgate, JupyterHub, Watched
from tests.benchmarks.peers import Chp, Direct, Missing, Mitmdump, Peer


class Stage:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._peers: dict[str, Peer] = {}
        self._missing: dict[str, str] = {}
        self._made = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def cast(self, names: Sequence[str], *, fresh: bool = False) -> Iterator[tuple[dict[str, Peer], dict[str, str]]]:
        """The peers of these names, and why others are missing. `fresh` ones serve nothing else."""
        own = Stage(self._folder / f"fresh-{self._count()}") if fresh else None
        stage = own or self
        with own or ExitStack():
            peers: dict[str, Peer] = {}
            missing: dict[str, str] = {}
            for name in names:
                try:
                    peers[name] = stage.peer(name)
                except Missing as why:
                    missing[name] = str(why)
            yield peers, missing

    def peer(self, name: str) -> Peer:
        if name in self._missing:
            raise Missing(self._missing[name])
        if name not in self._peers:
            try:
                self._peers[name] = self._started(self._make(name))
            except Missing as why:
                self._missing[name] = str(why)
                raise
        return self._peers[name]

    def _started(self, peer: Peer) -> Peer:
        self._stack.callback(peer.stop)
        peer.start()
        return peer

    def _make(self, name: str) -> Peer:
        folder = self._folder / str(self._count())
        folder.mkdir(parents=True)
        return MAKERS[name](self, folder)

    def _count(self) -> int:
        self._made += 1
        return self._made

    def port(self, name: str) -> int:
        """Of a peer that another one needs: the backend, the service that `auth_request` asks."""
        return self.peer(name).target("").port


MAKERS: dict[str, Callable[[Stage, Path], Peer]] = {
    "hubgate": lambda _, folder: Hubgate(folder),
    "hubgate, 2 workers": lambda _, folder: Hubgate(folder, workers=2),
    "hubgate, no log": lambda _, folder: Hubgate(folder, addon=NO_LOG),
    "hubgate, hub untold": lambda _, folder: Hubgate(folder, addon=UNTOLD),
    "hubgate, watched": lambda _, folder: Watched(folder),
    "hubgate, 100 users": lambda _, folder: Crowded(folder, FEW),
    "hubgate, 50 000 users": lambda _, folder: Crowded(folder, MANY),
    "hubgate, flow lane": lambda _, folder: Hubgate(folder, addon=MATCH_ALL),
    "direct": lambda _, folder: Direct(folder, "direct"),
    "auth": lambda _, folder: Direct(folder, "auth"),
    "chp": lambda stage, folder: Chp(folder, "chp", stage.port("direct")),
    "nginx": lambda stage, folder: Nginx(folder, "nginx", stage.port("direct")),
    "nginx+auth": lambda stage, folder: Nginx(folder, "nginx-auth", stage.port("direct"), stage.port("auth")),
    "haproxy": lambda stage, folder: Haproxy(folder, "haproxy", stage.port("direct")),
    "caddy": lambda stage, folder: Caddy(folder, "caddy", stage.port("direct")),
    "caddy+auth": lambda stage, folder: Caddy(folder, "caddy-auth", stage.port("direct"), stage.port("auth")),
    "mitmdump": lambda stage, folder: Mitmdump(folder, "mitmdump", stage.port("direct")),
    "jupyterhub": lambda _, folder: JupyterHub(folder, "jupyterhub"),
}
"""How each is made. `nginx+auth` and `caddy+auth` ask a service before every request, and it says yes."""
