"""Both hubs, started once, and what each call got from both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from tests.conformance import hubgate
from tests.conformance.calls import NOUNS
from tests.conformance.compare import Deviation, deviations
from tests.conformance.jupyterhub import JupyterHub, needed
from tests.conformance.sides import Side
from tests.integration.harness import Gateway

type Compared = Callable[[str], list[Deviation]]


@pytest.fixture(scope="session")
def jupyterhub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHub]:
    needed()
    with JupyterHub(tmp_path_factory.mktemp("jupyterhub")) as hub:
        yield hub


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with hubgate.gateway(tmp_path_factory.mktemp("hubgate")) as running:
        yield running


@pytest.fixture(scope="session")
def ours(gateway: Gateway) -> Iterator[Side]:
    side = Side("Hubgate", gateway.origin, hubgate.admin_token(gateway))
    side.populate()
    yield side
    side.close()


@pytest.fixture(scope="session")
def theirs(jupyterhub: JupyterHub) -> Iterator[Side]:
    side = Side("JupyterHub", jupyterhub.origin, jupyterhub.token)
    side.populate()
    yield side
    side.close()


@pytest.fixture(scope="session")
def compared(ours: Side, theirs: Side) -> Compared:
    """All deviations of one noun's calls. Each noun runs once, on both hubs at the same time."""

    @cache
    def of(noun: str) -> list[Deviation]:
        calls = NOUNS[noun]
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda side: side.run(calls), (theirs, ours)))
        return [
            deviation
            for call, *pair in zip(calls, *answers, strict=True)
            for deviation in deviations(f"{noun}: {call.about}", *pair)
        ]

    return of
