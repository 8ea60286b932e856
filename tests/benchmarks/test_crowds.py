"""The pages of a small crowd are there, and each shows what its name says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.benchmarks.crowds import PAGES, Crowded

pytestmark = pytest.mark.sockets

USERS = 160


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    hub = Crowded(tmp_path_factory.mktemp("crowd"), USERS)
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()


@pytest.mark.parametrize("name", PAGES)
def test_a_page(hub: Crowded, name: str) -> None:
    target = hub.page(name)
    answer = httpx.get(target.url, headers={**target.headers, "Host": hub.gateway.authority}, trust_env=False)
    assert answer.status_code == 200
    listed = re.findall(r'href="/hub/admin/users/([\w-]+)"', answer.text)
    found = {
        "home": [],
        "list": ["admin", *(f"user-{number:05}" for number in range(49))],
        "list-by-name": [f"user-{number:05}" for number in range(USERS - 1, USERS - 51, -1)],
        "list-found": [f"user-{number:05}" for number in range(50)],
        "list-one": ["user-00077"],
        "list-nothing": [],
        "list-active": ["admin"],
    }
    assert found.get(name, listed) == listed
    assert len(listed) == {"list-middle": 50, "list-sorted": 50}.get(name, len(listed))
