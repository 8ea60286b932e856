"""`header`: whom the proxy names, and what it must not be."""

from __future__ import annotations

import pytest

from gateway.errors import Forbidden, HubgateError
from gateway.hookspecs import LoginRequest
from gateway.model import Login
from plugins.authenticators.header import HeaderAuthenticator, HeaderOptions, gateway_authenticators
from tests.plugins.storage import MemoryStorage


def made(**options: str) -> HeaderAuthenticator:
    return HeaderAuthenticator(HeaderOptions.model_validate(options), MemoryStorage())


async def said(header: HeaderAuthenticator, by_proxy: bool = True, **headers: str) -> Login | None:
    lower = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return await header.authenticate({}, LoginRequest("192.0.2.7", lower, by_proxy))


async def test_a_proxy_names_somebody() -> None:
    assert gateway_authenticators() == {"header": HeaderAuthenticator}
    assert await said(made(), Remote_User=" ALICE ") == Login("alice")
    assert await said(made(), Remote_User="ünï".encode().decode("latin-1")) == Login("ünï")
    assert await said(made(header="X-Forwarded-User"), X_Forwarded_User="bob") == Login("bob")


async def test_whoever_is_no_proxy_proves_nothing() -> None:
    assert await said(made(), by_proxy=False, Remote_User="alice") is None
    assert await said(made()) is None
    assert await said(made(), Remote_User="") is None
    assert await made().authenticate({"username": "alice"}, LoginRequest("192.0.2.7", {}, True)) is None


@pytest.mark.parametrize("name", ["alice, admin", "a/b", "..", "x" * 300, "\xff\xfe", "a" * 5000, "a\0b"], ids=repr)
async def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(Forbidden):
        await said(made(), Remote_User=name)


async def test_groups_and_administrators() -> None:
    header = made(groups_header="Remote-Groups", admin_header="Remote-Admin", separator=";")
    assert header.proxy_headers() == ["Remote-User", "Remote-Groups", "Remote-Admin"]
    full = await said(header, Remote_User="alice", Remote_Groups="staff; org/team;staff;", Remote_Admin="TRUE")
    assert full == Login("alice", admin=True, groups=("staff", "org/team"))
    assert await said(header, Remote_User="alice") == Login("alice", admin=False, groups=())
    with pytest.raises(Forbidden, match="administrator"):
        await said(header, Remote_User="alice", Remote_Admin="perhaps")
    with pytest.raises(HubgateError):
        await said(header, Remote_User="alice", Remote_Groups="a\0b")


async def test_without_those_headers_the_proxy_has_no_opinion() -> None:
    assert made().proxy_headers() == ["Remote-User"]
    assert await said(made(), Remote_User="alice", Remote_Admin="true") == Login("alice", None, None)


async def test_log_out_leads_where_the_settings_say() -> None:
    assert await made().log_out("alice", None, "http://hub") == ""
    url = "https://sso.example/logout"
    assert await made(logout_url=url).log_out("alice", None, "http://hub") == url
    assert made(display_name="The university").display_name == "The university"
    assert HeaderAuthenticator.display_name == ""
