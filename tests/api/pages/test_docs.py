from __future__ import annotations

import re

from api.dialect import DIALECTS
from api.openapi import by_path
from tests.api.documented import described
from tests.api.person import Person


async def test_every_call_is_on_the_page(stranger: Person, alice: Person) -> None:
    for somebody in (stranger, alice):
        page = await somebody.page("hub/docs")
        assert page.status_code == 200
        for dialect in DIALECTS:
            assert f'href="/{dialect.path}/openapi.json"' in page.text
            for path, method, operation in by_path(described(dialect)):
                assert f"<code>{method.upper()} /{dialect.path}{path}</code>" in page.text
                assert operation["summary"] in page.text.replace("&#39;", "'")


async def test_it_needs_nothing_from_elsewhere(stranger: Person) -> None:
    page = await stranger.page("hub/docs")
    assert (
        set(re.findall(r'(?:src|href)="(?!#)([^"]*)"', page.text)) & set(re.findall(r'"(https?:[^"]*)"', page.text))
        == set()
    )
    assert "script-src 'nonce-" in page.headers["content-security-policy"]


async def test_no_anchor_stands_twice(stranger: Person) -> None:
    anchors = re.findall(r'<details id="([^"]+)"', (await stranger.page("hub/docs")).text)
    assert len(anchors) == len(set(anchors)) > 20
