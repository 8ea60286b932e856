"""`Storage` in memory, for tests of plugins: that of `gateway.testing`."""

from __future__ import annotations

from gateway.testing.fakes import MemoryStorage

__all__ = ["MemoryStorage"]
