"""A download that takes longer than `[idle]` allows keeps its server; once it has ended, the server ends too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.bulk import bulk
from tests.integration.harness import eventually
from tests.integration.wire import Wire, head

pytestmark = pytest.mark.sockets

TIMEOUT = 6
LONG = 24
"""Seconds; so long after a server's last use it is gone for certain."""


def test_a_long_download_keeps_its_server(tmp_path: Path) -> None:
    with bulk(tmp_path, start=False, settings={"idle": {"timeout": TIMEOUT, "warn_before": 0}}) as plane:
        bearer = plane.bearer()
        plane.people["alice"].start_server()
        with Wire(plane.gateway) as wire:
            wire.send(head(plane.gateway, plane.path("events"), bearer))
            until = time.monotonic() + LONG
            while time.monotonic() < until:
                assert wire.socket.recv(65536), "the download broke off"
        (alice,) = (each for each in plane.people["admin"].http.get("hub/api/users").json() if each["name"] == "alice")
        assert alice["server"] == "/user/alice/"
        idle = "It was stopped because nobody had used it for 6 seconds."
        eventually(lambda: idle in plane.people["alice"].http.get("hub/home").text, LONG)
