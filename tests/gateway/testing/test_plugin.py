"""The fixtures that come with an installed Hubgate; this very run has them by entry point."""

from __future__ import annotations

import subprocess
import sys

from gateway.testing.fakes import FakeClock, FakeHub, MemoryStorage


async def test_the_fixtures(hubgate_hub: FakeHub, hubgate_clock: FakeClock, hubgate_storage: MemoryStorage) -> None:
    hubgate_clock.advance(60)
    assert hubgate_hub.now() == hubgate_clock.now
    alice = await hubgate_hub.user("alice")
    assert alice is not None
    assert alice.admin
    assert hubgate_storage.rows == {}


def test_who_does_not_ask_pays_nothing() -> None:
    code = "import sys, gateway.testing.plugin; print(sorted(m for m in sys.modules if m.startswith('gateway')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['gateway', 'gateway.testing', 'gateway.testing.plugin']"
