"""What a server may set: its own cookies, in its own place, and never ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.cookies import clearing, inside, kept_inside, prefix_path
from tests.gateway.proxy.values import SITE, site

PREFIX = ("user", "alice")


def kept(header: str, prefix: tuple[str, ...] = PREFIX) -> str | None:
    value = kept_inside(header.encode("latin-1"), prefix)
    return None if value is None else value.decode("latin-1")


@pytest.mark.parametrize(
    "header",
    [
        "hubgate-session=x",
        "hubgate-session=x; Path=/user/alice/",
        "hubgate-session=; Max-Age=0; Path=/",
        "hubgate-session=x; expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Hubgate-Session=x",
        "HUBGATE-SESSION=x",
        "__Host-hubgate-session=x; Secure; Path=/",
        "__host-Hubgate-Session=x; Secure; Path=/",
        "__Host-other=x; Secure; Path=/",
        "__Host-Http-other=x; Secure; Path=/",
        " hubgate-session=x",
        "\thubgate-session=x",
        "hubgate-session\t =x",
        "hubgate-session =x",
        "=hubgate-session=x",
        " = hubgate-session=x",
        "hubgate-session",
        "hubgate-session; Path=/",
        "=x",
        "x",
        "",
        ";",
        "; hubgate-session=x",
        "a=b\x00",
        "a=b\x01; Path=/user/alice/",
        "a=b\r\nSet-Cookie: hubgate-session=x",
        "a=b\x7f",
        "a=" + "x" * 4097,
        "hubgate-session\x00=x",
        "\x0bhubgate-session=x",
    ],
)
def test_dropped(header: str) -> None:
    assert kept(header) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=b", "a=b; Path=/user/alice/"),
        ("a=", "a=; Path=/user/alice/"),
        ("a=b=c", "a=b=c; Path=/user/alice/"),
        (" a = b ", "a=b; Path=/user/alice/"),
        ('a="b; c"', 'a="b; Path=/user/alice/'),  # so a browser reads it
        ("hubgate-sessionx=b", "hubgate-sessionx=b; Path=/user/alice/"),
        ("x-hubgate-session=b", "x-hubgate-session=b; Path=/user/alice/"),
        ("\xa0hubgate-session=b", "\xa0hubgate-session=b; Path=/user/alice/"),  # not white space for browsers
        ("__Secure-a=b; Secure", "__Secure-a=b; Path=/user/alice/; Secure"),
        ("a=b; Domain=example.org", "a=b; Path=/user/alice/"),
        ("a=b; dOMAIN=.org;path=/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/", "a=b; Path=/user/alice/"),
        ("a=b; Path", "a=b; Path=/user/alice/"),
        ("a=b; Path=", "a=b; Path=/user/alice/"),
        ("a=b; Path=user/alice/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alicex/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alice/../bob/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alice/%2e%2e/bob/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alice/%252e%252e/bob/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alice/..\\bob", "a=b; Path=/user/alice/"),
        ("a=b; Path=//user/alice/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/hub/", "a=b; Path=/user/alice/"),
        ('a=b; Path="/user/alice/x"', "a=b; Path=/user/alice/"),
        ("a=b; Path=/user/alice", "a=b; Path=/user/alice"),
        ("a=b; PATH = /user/alice/lab ", "a=b; Path=/user/alice/lab"),
        ("a=b; Path=/user/alice/; Path=/", "a=b; Path=/user/alice/"),
        ("a=b; Path=/; Path=/user/alice/x", "a=b; Path=/user/alice/x"),
        ("a=b; Path=/user/alice/x; Path=/" + "y" * 1024, "a=b; Path=/user/alice/x"),
        ("a=b; Path=/user/%61lice/x", "a=b; Path=/user/%61lice/x"),
        (
            "_xsrf=2|5|d|1; expires=Wed, 23 Dec 2026 23:59:44 GMT; HttpOnly; Path=/user/alice/",
            "_xsrf=2|5|d|1; Path=/user/alice/; Expires=Wed, 23 Dec 2026 23:59:44 GMT; HttpOnly",
        ),
        ("a=b; max-age=1; samesite=none; secure=1; Priority=High; Unknown=x; Partitioned",
         "a=b; Path=/user/alice/; Max-Age=1; SameSite=none; Secure; Priority=High; Partitioned"),
    ],
)  # fmt: skip
def test_kept_inside(header: str, expected: str) -> None:
    assert kept(header) == expected


def test_a_prefix_with_letters_that_paths_escape() -> None:
    assert prefix_path(("x", "user", "ü n")) == "/x/user/%C3%BC%20n/"
    assert kept("a=b", ("user", "ü n")) == "a=b; Path=/user/%C3%BC%20n/"
    assert kept("a=b; Path=/user/%C3%BC%20n/lab", ("user", "ü n")) == "a=b; Path=/user/%C3%BC%20n/lab"
    assert prefix_path(()) == "/"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/user/alice/", True),
        ("/user/alice", True),
        ("/user/alice/x/y", True),
        ("/user", False),
        ("/", False),
        ("", False),
        ("user/alice/", False),
        ("/user/bob/", False),
        ("/USER/alice/", False),
        ("/user/alice/.", False),
    ],
)
def test_inside(path: str, expected: bool) -> None:
    assert inside(path, PREFIX) is expected


pieces = st.sampled_from([
    b"hubgate-session", b"HUBGATE-SESSION", b"__Host-", b"__host-", b"=", b";", b" ", b"\t", b"Path", b"/",
    b"/user/alice/", b"Domain", b"example.org", b"x", b"Secure", b",", b'"', b"\0", b"\r\n", b"\x0b", b"..", b"%2e",
    b"\xa0", b"Max-Age=0",
])  # fmt: skip


@given(st.lists(pieces, max_size=14).map(b"".join))
def test_whatever_a_server_sets_no_browser_files_it_under_our_name_or_elsewhere(header: bytes) -> None:
    """Whatever bytes a server sets, what passes is one cookie with a name that is not ours, for its own prefix."""
    value = kept_inside(header, PREFIX)
    if value is None:
        return
    name, domain, path = _as_a_browser(value)
    assert name
    assert name.lower() not in (b"hubgate-session", b"__host-hubgate-session")
    assert domain is None
    assert path == b"/user/alice" or path.startswith(b"/user/alice/")


def _as_a_browser(value: bytes) -> tuple[bytes, bytes | None, bytes]:
    """RFC 6265bis, 5.6, independently: (name, domain, path)."""
    assert not set(value) & {*range(0x20), 0x7F} - {9}
    pair, *rest = value.split(b";")
    name = pair.split(b"=", 1)[0].strip(b" \t") if b"=" in pair else b""
    domain, path = None, b""
    for part in rest:
        key, _, said = part.partition(b"=")
        if key.strip(b" \t").lower() == b"domain":
            domain = said
        if key.strip(b" \t").lower() == b"path":
            path = said.strip(b" \t")
    return name, domain, path


def test_clearing_covers_every_path_that_could_have_set_a_cookie_here() -> None:
    headers = clearing(SITE, "/hub/spawn/alice")
    assert {name for name, _ in headers} == {b"Set-Cookie"}
    assert [value.split(b"; ")[:2] for _, value in headers] == [
        [b"hubgate-session=", f"Path={path}".encode()]
        for path in (
            "/", "/hub", "/hub/", "/hub/spawn", "/hub/spawn/", "/hub/spawn/alice", "/hub/spawn/alice/"
        )
    ]  # fmt: skip
    assert all(value.endswith(b"; Max-Age=0; HttpOnly") for _, value in headers)


def test_clearing_stays_small_and_safe() -> None:
    assert len(clearing(SITE, "/a" * 500)) == 17
    assert not any(b"x;y" in value for _, value in clearing(SITE, "/a/b/c/x;y"))
    assert clearing(site(tls=True), "/")[0][1] == b"__Host-hubgate-session=; Path=/; Max-Age=0; HttpOnly; Secure"
