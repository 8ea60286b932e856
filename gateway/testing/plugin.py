"""Fixtures that pytest finds by entry point: `hubgate_clock`, `hubgate_storage`, `hubgate_hub`.

What they are made of is imported when one is asked for: a run of somebody else's tests pays nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.testing.fakes import FakeClock, FakeHub, MemoryStorage


@pytest.fixture
def hubgate_clock() -> FakeClock:
    """A clock that stands at noon of a Monday until it is told otherwise."""
    from gateway.testing.fakes import FakeClock  # noqa: PLC0415

    return FakeClock()


@pytest.fixture
def hubgate_storage() -> MemoryStorage:
    """An empty storage."""
    from gateway.testing.fakes import MemoryStorage  # noqa: PLC0415

    return MemoryStorage()


@pytest.fixture
def hubgate_hub(hubgate_clock: FakeClock) -> FakeHub:
    """A hub with the users alice (an administrator) and bob, alice's server, and `hubgate_clock`."""
    from gateway.model import Server, User  # noqa: PLC0415
    from gateway.testing.fakes import FakeHub  # noqa: PLC0415

    return FakeHub([User("alice", admin=True), User("bob")], [Server("alice", "", state="ready")], hubgate_clock)
