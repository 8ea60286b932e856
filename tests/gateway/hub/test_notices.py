from __future__ import annotations

from gateway.hub.core import Hub
from gateway.hub.notices import Announcement, Notices, Starts
from gateway.store import audit


async def test_they_outlive_the_hub(hub: Hub) -> None:
    await hub.notices.announce(Announcement("hello", 200.0), by="user:root")
    await hub.notices.set_starts(Starts(False, "later"), by="user:root")
    now = 100.0
    other = Notices(hub.store, lambda: now)
    assert other.announcement == Announcement()
    await other.load()
    assert other.announcement == Announcement("hello", 200.0)
    paused = other.paused()
    assert paused and paused.message == "No servers are started at the moment: later"
    now = 200.0
    assert other.announcement == Announcement()
    assert [(row.action, row.detail) for row in await hub.store(audit.listing)][:2] == [
        ("hub.starts", 'enabled: false, drain: false, message: "later"'),
        ("hub.announcement", 'until: 200.0, text: "hello"'),
    ]
    await hub.notices.set_starts(Starts(False, "x" * 2000 + "\n\u202e", drain=True), by="user:root")
    (row, *_) = await hub.store(audit.listing)
    assert row.detail.startswith('enabled: false, drain: true, message: "xxx')
    await hub.notices.set_starts(Starts(), by="user:root")
    assert hub.notices.paused() is None
