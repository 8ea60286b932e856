from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person


async def test_tell_everybody(root: Person, alice: Person) -> None:
    await root.submit("hub/admin/gateway", {"action": "announce", "text": "Back <b>soon</b>", "until": ""})
    assert "Back &lt;b&gt;soon&lt;/b&gt;" in (await alice.page("hub/home")).text
    await root.submit("hub/admin/gateway", {"action": "announce", "text": "", "until": "2030-01-01T10:00"})
    assert "soon" not in (await alice.page("hub/home")).text


async def test_until(root: Person, hub: Hub) -> None:
    await root.submit("hub/admin/gateway", {"action": "announce", "text": "x", "until": "2090-01-01T10:00"})
    assert hub.notices.announcement.until == 3786948000
    assert 'value="2090-01-01T10:00"' in (await root.page("hub/admin/gateway")).text


async def test_an_end_that_is_over(root: Person, hub: Hub) -> None:
    over = {"action": "announce", "text": "Back soon", "until": "2020-01-01T10:00"}
    page = await root.submit("hub/admin/gateway", over)
    assert page.status_code == 400 and "This end is over already" in page.text
    assert "Back soon</textarea>" in page.text and 'value="2020-01-01T10:00"' in page.text
    assert hub.notices.announcement.text == ""


async def test_no_new_starts(root: Person, alice: Person, hub: Hub) -> None:
    await root.submit("hub/admin/gateway", {"action": "starts", "starts": "off", "reason": "moving house"})
    assert not hub.notices.starts.enabled
    assert "moving house" in (await alice.page("hub/spawn")).text
    page = await alice.submit("hub/spawn", {"profile": "quick"}, Accept_Language="de")
    assert page.status_code == 503 and "keine Server gestartet: moving house" in page.text
    await root.submit("hub/admin/gateway", {"action": "starts", "starts": "drain", "reason": ""})
    assert hub.notices.starts.draining
    assert 'value="drain" checked' in (await root.page("hub/admin/gateway")).text
    await root.submit("hub/admin/gateway", {"action": "starts", "starts": "on", "reason": ""})
    assert hub.notices.starts.enabled


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "x"},
        {"action": "starts", "starts": "x"},
        {"action": "announce", "text": "x" * 2001},
        {"action": "announce", "until": "soon"},
    ],
)
async def test_nonsense(root: Person, fields: dict[str, str]) -> None:
    assert (await root.submit("hub/admin/gateway", fields)).status_code == 400
