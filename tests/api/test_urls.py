from __future__ import annotations

import pytest

from api.urls import Urls

ROOT = Urls("/")
BELOW = Urls("/x/")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hub/home",
        "home",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/hub\\..\\home",
        "https://evil.example/",
        "HTTPS:/evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/hub/home\r\nSet-Cookie: a=b",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "/hub/home\x00",
        "/hub/\x85home",
        " /hub/home",
        "/a b",
        "/hub/../user/mallory/",
        "/./home",
        "/hub/%2e%2e/x",
        "/hub/%252e%252e/x",
        "/hub/login",
        "/hub/login?next=/hub/login",
        "/hub/%6Cogin",
        "/hub/logout",
    ],
)
def test_next_leads_nowhere_else(value: str) -> None:
    assert ROOT.safe_next(value, "/default") == "/default"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/", "/"),
        ("/hub/home", "/hub/home"),
        ("/user/a@b.c/lab/tree/a%20b?x=1&y=/../z#top", "/user/a@b.c/lab/tree/a%20b?x=1&y=/../z#top"),
        ("/user/ünï/", "/user/%C3%BCn%C3%AF/"),
        ('/hub/home"><script>', "/hub/home%22%3E%3Cscript%3E"),
        ("/hub/spawn?next=//evil.example", "/hub/spawn?next=//evil.example"),
        ("/hub/spawn?next=%2F%2Fevil.example", "/hub/spawn?next=%2F%2Fevil.example"),
        (
            "/hub/api/oauth2/authorize?client_id=a&redirect_uri=%2Fx",
            "/hub/api/oauth2/authorize?client_id=a&redirect_uri=%2Fx",
        ),
    ],
)
def test_next_inside_the_site_is_kept(value: str, expected: str) -> None:
    assert ROOT.safe_next(value) == expected


def test_next_stays_below_the_base_path() -> None:
    assert BELOW.safe_next("/x/hub/home") == "/x/hub/home"
    assert BELOW.safe_next("/hub/home") == ""
    assert BELOW.safe_next("/x") == ""
    assert BELOW.safe_next("//x/hub/home") == ""


def test_what_is_kept_is_kept_again() -> None:
    kept = ROOT.safe_next("/user/ünï/a?b=c d".replace(" ", "%20"))
    assert ROOT.safe_next(kept) == kept


def test_paths_escape_names() -> None:
    assert ROOT.server("x y", "gpu") == "/user/x%20y/gpu/"
    assert ROOT.page("spawn", "a@b.c") == "/hub/spawn/a@b.c"
    assert ROOT.page("spawn-pending", "ünï", "gpu", "/a?b") == "/hub/spawn-pending/%C3%BCn%C3%AF/gpu?next=%2Fa%3Fb"
    assert BELOW.progress("alice") == "/x/hub/api/users/alice/server/progress"
    assert BELOW.progress("alice", "gpu") == "/x/hub/api/users/alice/servers/gpu/progress"
    assert BELOW.login_then("/x/hub/home?a=1&b=2") == "/x/hub/login?next=%2Fx%2Fhub%2Fhome%3Fa%3D1%26b%3D2"


def test_whole_addresses_come_from_the_settings_alone() -> None:
    assert ROOT.full("/user/alice/") is None
    assert Urls("/x/", "https://hub.example").full("/x/user/alice/") == "https://hub.example/x/user/alice/"
