"""What the calls that share have in common: ids, links."""

from __future__ import annotations

import pytest

from api.access import Access
from api.operation import Api
from api.resources.sharing import Sharing, row_of
from api.urls import Urls
from gateway.hub.core import Hub


@pytest.mark.parametrize(
    ("wanted", "row"),
    [("sc_7", "7"), ("7", ""), ("sc_", ""), ("sc_x", ""), ("sc_٣", ""), ("xsc_7", ""), ("sc_-1", ""), ("", "")],
)
def test_ids(wanted: str, row: str) -> None:
    assert row_of(wanted) == row


async def test_links_are_made_of_what_the_settings_say(hub: Hub) -> None:
    sharing = Sharing(Api(hub, Access(hub), Urls("/x/")))
    hub.public_url = "https://hub.example/x/"
    assert sharing.accept_url("a b") == "https://hub.example/x/hub/accept-share?code=a%20b"
    assert sharing.server_url("ü", "gpu") == "https://hub.example/x/user/%C3%BC/gpu/"
