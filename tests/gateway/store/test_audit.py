from __future__ import annotations

from gateway.model import AuditEntry
from gateway.store import audit
from gateway.store.store import Store


async def test_the_newest_stand_first(store: Store) -> None:
    for number in range(5):
        await store(audit.add, float(number), "user:ünï", "login", f"s{number}", "detail")
    entries = await store(audit.listing, 2)
    assert entries[0] == AuditEntry(4.0, "user:ünï", "login", "s4", "detail")
    assert [entry.subject for entry in entries] == ["s4", "s3"]
    assert len(await store(audit.listing)) == 5


async def test_an_attackers_text_is_kept_and_bounded(store: Store) -> None:
    await store(audit.add, 1.0, "", "login.refused", "\0\ud800'; DROP TABLE audit; --" + "x" * 10_000)
    (entry,) = await store(audit.listing)
    assert entry.subject.startswith("\ufffd?'; DROP TABLE audit; --x")
    assert len(entry.subject) == 4096
