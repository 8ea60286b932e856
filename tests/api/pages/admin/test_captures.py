"""The list of captures, and the form that starts one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.captures import Scope
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.scripted import MARKUP

PAGE = "hub/admin/captures"
WISH = {"reason": "looking for a bug", "user": "alice", "minutes": "10", "megabytes": "8"}

type Log = Callable[[str], Awaitable[Person]]


async def test_a_capture_is_started_for_a_reason(hub: Hub, root: Person) -> None:
    answer = await root.submit(PAGE, WISH)
    (capture,) = hub.captures.listing()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{PAGE}/{capture.id}")
    assert (capture.reason, capture.by, capture.scope) == ("looking for a bug", "user:root", Scope(user="alice"))
    assert (capture.until - capture.started, capture.size, capture.redact) == (600, 8_000_000, True)
    text = (await root.page(PAGE)).text
    assert "looking for a bug" in text and "Recording" in text


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"minutes": "61"}, {"minutes": "x"}, {"megabytes": "-1"}, {"user": "nobody"},
     {"user": "", "path": ""}, {"filter": "~z"}],
)  # fmt: skip
async def test_what_is_wrong_is_said_and_the_rest_is_kept(hub: Hub, root: Person, wrong: dict[str, str]) -> None:
    page = await root.submit(PAGE, {**WISH, "path": "/<b>", **wrong})
    assert page.status_code == 400
    assert ('value="/&lt;b&gt;"' in page.text) == ("path" not in wrong)
    assert hub.captures.listing() == []


async def test_a_link_may_fill_it_in_and_no_more(hub: Hub, root: Person) -> None:
    text = (await root.page(f"{PAGE}?user=alice&server=alice/&reason=x")).text
    assert 'name="user" value="alice"' in text
    assert 'name="reason" value=""' in text
    assert hub.captures.listing() == []


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    await hub.captures.start(MARKUP, Scope(path=f"/{MARKUP}"), by=f"user:{MARKUP}")
    assert "<script>alert" not in (await root.page(PAGE)).text


async def test_it_takes_the_scope(hub: Hub, person: Log, stranger: Person, alice: Person) -> None:
    """Attack 31: who may only read the request log starts no capture."""
    capture = await hub.captures.start("why", Scope(user="bob"), by="user:root")
    for path in (PAGE, f"{PAGE}/{capture.id}", f"{PAGE}/{capture.id}/1"):
        assert (await stranger.page(path)).status_code == 302
        assert (await alice.page(path)).status_code == 403
    assert (await alice.submit(PAGE, WISH, page="hub/spawn")).status_code == 403
    for action in ("stop", "delete", "reconnect"):
        assert (await alice.submit(f"{PAGE}/{capture.id}", {"action": action}, page="hub/spawn")).status_code == 403
    assert hub.captures.get(capture.id).running
