"""Somebody whom a proxy names, and who has no password: before what is grave, a log-in that is recent, or a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from tests.browser.walking import Notes, Walker
from tests.integration.harness import Gateway

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

SETTINGS = {
    "gateway": {"trusted_proxies": ["127.0.0.1"]},
    "authenticator": {"plugin": ["native", "header"], "admin_users": ["admin", "boss"]},
}
USER = "/hub/admin/users/ada"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway:
        gateway.run("user", "add", "ada")
        yield gateway


def grow_old(gateway: Gateway) -> None:
    """The log-in was six minutes ago."""
    with closing(sqlite3.connect(gateway.data_dir / "hubgate.sqlite", timeout=20)) as db, db:
        assert db.execute("UPDATE sessions SET created = created - 360 WHERE authenticator = 'header'").rowcount == 1


def test_who_has_no_password_logs_in_again_before_what_is_grave(browser: Browser, notes: Notes) -> None:
    with Walker(browser, notes, extra_http_headers={"Remote-User": "boss"}) as boss:
        boss.go(USER[1:])
        boss.press(USER, "make-admin")
        assert boss.page.locator("[type=password]").count() == 0
        boss.press(USER, "make-admin")
        assert boss.says()
        grow_old(notes.gateway)
        boss.press(USER, "remove")
        boss.press("/hub/again")
        assert boss.page.url.endswith(USER)
        boss.press(USER, "remove")
        boss.press(USER, "remove")
        assert boss.says()
        grow_old(notes.gateway)
        boss.go("hub/admin/signups")
        boss.press("/hub/again")
        assert boss.page.url.endswith("/hub/admin/signups")
    assert notes.complained() == []
