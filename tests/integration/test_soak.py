"""Everything at once, for a minute; `HUBGATE_SOAK=3600` (`make soak`) for an hour: no error, and no growth.

Hub and workers are restarted in the first part; in the second their memory and their
descriptors must stay what they are.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.integration import soak as roles
from tests.integration.bulk import MIB, Bulk, bulk
from tests.integration.harness import eventually
from tests.integration.soak import Soak

SECONDS = float(os.environ.get("HUBGATE_SOAK", "60"))
RESTARTS = 0.5
"""The part of the time in which something is restarted, every now and then."""
PAUSE = max(12.0, SECONDS / 30)
MEMORY = {"hub": 24 * MIB, "worker-1": 12 * MIB, "worker-2": 12 * MIB}
"""What each may grow by in the second part."""

pytestmark = [pytest.mark.sockets, pytest.mark.long, pytest.mark.timeout(SECONDS * 2 + 300)]


def test_no_error_and_no_growth(tmp_path: Path) -> None:
    with bulk(tmp_path, workers=2, settings={"gateway": {"drain_seconds": 3}}) as plane:
        soak = Soak(plane)
        soak.start(roles.small_requests, roles.downloads, roles.uploads, roles.websockets, roles.events)
        soak.start(roles.gone_clients)
        soak.start(roles.log_ins, roles.tokens, roles.servers, needs_hub=True)
        try:
            began = time.monotonic()
            restart(soak, began + SECONDS * RESTARTS)
            soak.over.wait(SECONDS * 0.1 + roles.WORKER_BACK)
            before = sizes(plane)
            while time.monotonic() < began + SECONDS and not soak.errors:
                soak.over.wait(1)
            after = sizes(plane)
        finally:
            soak.stop()
        assert soak.errors == [], soak.errors[0]
        assert all(soak.done[role.__name__] for role in (roles.log_ins, roles.tokens, roles.servers)), soak.done
        log = plane.gateway.output("run", "err").read_text("utf-8", "replace")
        assert [line for line in log.splitlines() if " ERROR " in line or "Traceback" in line] == []
    grown = {name: after[name][0] - before[name][0] for name in before}
    assert all(grown[name] < MEMORY[name] for name in before), grown
    assert all(after[name][1] < before[name][1] + 30 for name in before), (before, after)


def restart(soak: Soak, until: float) -> None:
    """The hub by a kill, the hub by SIGHUP, the workers in turn by SIGTERM and by a kill."""
    plane = soak.plane
    ways = [("hub", signal.SIGKILL), ("worker-1", signal.SIGTERM), ("hub", signal.SIGHUP), ("worker-2", signal.SIGKILL)]
    for name, how in itertools.cycle(ways):
        if time.monotonic() + PAUSE > until or soak.over.wait(PAUSE) or soak.errors:
            break
        old = plane.gateway.pid(name)
        soak.restarting(name)
        os.kill(old, how)
        eventually(partial(new, plane, name, old), 30, f"{name} is not back")
        soak.restarted(name)


def new(plane: Bulk, name: str, old: int) -> bool:
    try:
        return plane.gateway.pid(name) != old and plane.gateway.healthy()
    except (FileNotFoundError, ValueError):
        return False


def sizes(plane: Bulk) -> dict[str, tuple[int, int]]:
    """Bytes and descriptors of each process."""
    found = {}
    for name in MEMORY:
        process = psutil.Process(plane.gateway.pid(name))
        found[name] = (process.memory_info().rss, process.num_fds())
    return found
