"""The audit as a page, page by page, filtered, and as a file."""

from __future__ import annotations

import json

import pytest

from api.pages.admin import audit as module
from gateway.hub.core import Hub
from gateway.store import audit
from tests.api.person import Person
from tests.api.scripted import MARKUP

PAGE = "hub/admin/audit"


async def test_what_was_done_filtered(hub: Hub, root: Person) -> None:
    await hub.store(audit.add, 1.8e9, "user:eve", "server.enter", "alice/gpu", "as guest, by token")
    await hub.store(audit.add, 1.8e9, "", "server.stopped", "bob/", "it was idle")
    text = (await root.page(f"{PAGE}?action=server&subject=alice/")).text
    assert "as guest, by token" in text and "it was idle" not in text
    text = (await root.page(f"{PAGE}?actor=user:eve")).text
    assert "as guest, by token" in text and "hub.start" not in text
    assert "hub.start" in (await root.page(f"{PAGE}?action=hub.start")).text


async def test_each_word_leads_to_what_has_the_same(hub: Hub, root: Person) -> None:
    await hub.store(audit.add, 1.8e9, "user:eve", "server.enter", "ada/g&x", "first\nsecond")
    await hub.store(audit.add, 1.8e9, "", "server.stopped", "bob/", "one line")
    text = (await root.page(PAGE)).text
    assert "2027-01-15 08:00:00" in text
    for query in ("actor=user%3Aeve", "action=server.enter", "subject=ada%2Fg%26x"):
        assert f'href="/{PAGE}?{query}"' in text
        assert "server.enter" in (await root.page(f"{PAGE}?{query}")).text
    assert "<td>the gateway</td>" in text
    assert "<summary><bdi>first …</bdi></summary><bdi>first\nsecond</bdi>" in text
    assert "<bdi>one line</bdi></td>" in text


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    await hub.store(audit.add, 1.8e9, MARKUP, MARKUP, MARKUP + "\u202e\x1b[31m", MARKUP)
    text = (await root.page(f"{PAGE}?actor={'%3Cscript%3E'}")).text + (await root.page(PAGE)).text
    assert "<script>" not in text
    assert "&lt;script&gt;alert" in text
    assert not set("\u202e\x1b") & set(text)


async def test_page_by_page(hub: Hub, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 2)
    for number in range(5):
        await hub.store(audit.add, 1.8e9, "user:x", "login", f"subject-{number}")
    seen, path = "", f"{PAGE}?actor=user%3Ax"
    for _ in range(3):
        text = (await root.page(path)).text
        seen += "".join(f"{n}" for n in range(4, -1, -1) if f"subject-{n}" in text)
        path = text.partition('rel="next" href="/')[2].partition('"')[0].replace("&amp;", "&") or path
    assert seen == "43210"


async def test_all_of_it_as_lines(hub: Hub, root: Person) -> None:
    await hub.store(audit.add, 1.8e9, MARKUP, "x")
    answer = await root.page(f"{PAGE}/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="hubgate-audit.jsonl"'
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = [json.loads(each) for each in answer.text.splitlines()]
    assert [each["number"] for each in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["actor"] == MARKUP
