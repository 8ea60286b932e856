from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from falcon import testing
from falcon.asgi import Response

from api.cookies import Cookies
from api.request import Request
from tests.api.conftest import settings


def request(scheme: str) -> Request:
    scope = testing.create_scope(headers={"X-Forwarded-Proto": scheme})
    return Request(scope, testing.ASGIRequestEventEmitter(), options=None)


def sent(resp: Response) -> dict[str, Any]:
    cookies: SimpleCookie = SimpleCookie()
    for name, value in resp._asgi_headers():
        if name == b"set-cookie":
            cookies.load(value.decode())
    return {
        name: (morsel.value, {key: value for key, value in morsel.items() if value}) for name, morsel in cookies.items()
    }


LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
BASE = {"httponly": True, "samesite": "Lax", "path": "/"}


@pytest.mark.parametrize(
    ("gateway", "scheme", "expected"),
    [
        ({}, "http", {"hubgate-session": ("v", BASE | {"max-age": "1209600"})}),
        ({}, "https", {"hubgate-session": ("v", BASE | {"max-age": "1209600", "secure": True})}),
        (
            {"public_url": "https://hub.example"},
            "http",
            {
                "__Host-hubgate-session": ("v", BASE | {"max-age": "1209600", "secure": True}),
                "hubgate-session": ("", BASE | {"expires": LONG_AGO, "secure": True}),
            },
        ),
        (
            {"public_url": "https://hub.example", "base_path": "/x/"},
            "https",
            {"hubgate-session": ("v", BASE | {"path": "/x/", "max-age": "1209600", "secure": True})},
        ),
    ],
)
def test_the_session_cookie(tmp_path: Path, gateway: dict[str, str], scheme: str, expected: object) -> None:
    resp = Response()
    Cookies(settings(tmp_path, **gateway)).set_session(request(scheme), resp, "v")
    found = sent(resp)
    value, attributes = found.pop("jupyterhub-session-id")
    assert found == expected
    assert len(value) == 32
    assert attributes in [each for _, each in found.values()]


def test_clearing_names_every_attribute_again(tmp_path: Path) -> None:
    """A browser ignores the end of a `__Host-` cookie that does not say `Secure` and `Path=/`."""
    resp = Response()
    cookies = Cookies(settings(tmp_path, public_url="https://hub.example"))
    cookies.clear_session(request("https"), resp)
    cookies.clear_xsrf(request("https"), resp)
    gone = BASE | {"expires": LONG_AGO, "secure": True}
    assert sent(resp) == {
        "__Host-hubgate-session": ("", gone),
        "hubgate-session": ("", gone),
        "jupyterhub-session-id": ("", gone),
        "_xsrf": ("", gone | {"path": "/hub/", "samesite": "Strict"}),
    }


def test_the_proof_lives_as_long_as_the_browser_runs(tmp_path: Path) -> None:
    resp = Response()
    Cookies(settings(tmp_path, base_path="/x/")).set_xsrf(request("http"), resp, "p")
    assert sent(resp) == {"_xsrf": ("p", {"httponly": True, "samesite": "Strict", "path": "/x/hub/"})}
