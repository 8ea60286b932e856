from __future__ import annotations

from tests.api.person import NAVIGATE, Person


async def test_health(stranger: Person) -> None:
    for method in ("GET", "HEAD"):
        result = await stranger.send(method, "hub/health")
        assert (result.status_code, result.text) == (200, "")
    assert (await stranger.send("GET", "hub/health", headers=NAVIGATE)).status_code == 200
