"""Which credential counts, which is bad, and what is taken out before anybody else sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import digest
from gateway.proxy.credentials import (
    BadCredential,
    Credential,
    Found,
    arguments,
    cookies,
    find,
    passed_cookies,
    without_token,
)
from tests.gateway.proxy.values import ALICE, BOB, SECRET, TOKEN

NAME = b"hubgate-session"
SESSION = Credential("session", digest(ALICE))


def found(authorization: str | None = None, cookie: str | None = None, query: str = "") -> Found:
    return find(
        None if authorization is None else authorization.encode(),
        None if cookie is None else cookie.encode(),
        query.encode(),
        NAME,
    )


@pytest.mark.parametrize("scheme", ["token", "Token", "bearer", "Bearer", "BEARER"])
def test_a_token(scheme: str) -> None:
    assert found(f"{scheme} {TOKEN}").explicit == Credential("token", digest(TOKEN))
    assert found(f" {scheme}   {TOKEN} ").explicit == Credential("token", digest(TOKEN))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "token",
        "token ",
        TOKEN,
        "Basic YWxpY2U6c2VjcmV0",
        "Digest username=alice",
        "token short",
        "token " + "x" * 65,
        f"token {TOKEN} {TOKEN}",
        f"token {TOKEN}, token {TOKEN}",  # two headers, joined
        f"token {TOKEN},{TOKEN}",
        "token \u00e4\u00e4\u00e4\u00e4\u00e4\u00e4",
        f"token '{TOKEN}'",
        f"hubgate {TOKEN}",
    ],
)
def test_a_bad_authorization_is_not_made_good_by_a_cookie(authorization: str) -> None:
    result = found(authorization, f"hubgate-session={ALICE}")
    assert isinstance(result.explicit, BadCredential)
    assert TOKEN not in result.explicit.reason


def test_a_server_secret_is_told_from_a_token() -> None:
    assert found(f"token {SECRET}").echo
    assert not found(f"token {TOKEN}").echo


@pytest.mark.parametrize(
    ("cookie", "session", "clear"),
    [
        (f"hubgate-session={ALICE}", SESSION, False),
        (f"a=b;hubgate-session={ALICE};c=d", SESSION, False),
        (f"a=b; \thubgate-session \t= {ALICE}\t ; c=d", SESSION, False),
        (f"hubgate-session={ALICE}; hubgate-session={ALICE}", SESSION, False),
        (f"hubgate-session={ALICE}; hubgate-session={BOB}", None, True),
        (f"hubgate-session={ALICE}; hubgate-session=", None, True),
        (f"hubgate-session={ALICE}; hubgate-session=x", None, True),
        (f'hubgate-session="{ALICE}"', None, False),
        (f"hubgate-session={ALICE}x", None, False),
        ("hubgate-session=", None, False),
        ("hubgate-session", None, False),
        (f"Hubgate-Session={ALICE}", None, False),
        (f"xhubgate-session={ALICE}", None, False),
        (f"__Host-hubgate-session={ALICE}", None, False),
        (f"x=hubgate-session={ALICE}", None, False),
        (f"=hubgate-session={ALICE}", None, False),
        ("", None, False),
    ],
)
def test_the_session_cookie(cookie: str, session: Credential | None, clear: bool) -> None:
    result = found(None, cookie)
    assert (result.explicit, result.session, result.clear_cookies) == (None, session, clear)


def test_the_other_name_of_the_cookie_counts_only_where_it_is_the_name() -> None:
    header = f"hubgate-session={BOB}; __Host-hubgate-session={ALICE}".encode()
    assert find(None, header, b"", b"__Host-hubgate-session") == Found(None, SESSION, False, False)


@pytest.mark.parametrize(
    ("query", "explicit"),
    [
        (f"token={TOKEN}", Credential("token", digest(TOKEN))),
        (f"a=b&%74oken={TOKEN}&c", Credential("token", digest(TOKEN))),
        (f"token={TOKEN}&token={TOKEN}", Credential("token", digest(TOKEN))),
        (f"token={TOKEN}&token={BOB}", BadCredential("this is not a token")),
        ("token=", BadCredential("this is not a token")),
        ("TOKEN=x", None),
        ("", None),
    ],
)
def test_a_token_in_the_url(query: str, explicit: Credential | BadCredential | None) -> None:
    assert found(query=query).explicit == explicit
    assert found(None, f"hubgate-session={ALICE}", query).explicit is None
    assert found(f"token {BOB}", None, query).explicit == Credential("token", digest(BOB))


def test_a_session_and_a_token_of_the_same_value_are_not_the_same() -> None:
    token, session = found(f"token {ALICE}").explicit, found(None, f"hubgate-session={ALICE}").session
    assert isinstance(token, Credential)
    assert isinstance(session, Credential)
    assert token.digest == session.digest
    assert token != session
    assert len({token, session}) == 2


@pytest.mark.parametrize(
    ("header", "left"),
    [
        ("a=b; c=d", "a=b; c=d"),
        ("hubgate-session=x", ""),
        ("a=b; hubgate-session=x; c=d", "a=b; c=d"),
        ("a=b;__Host-hubgate-session=x;hubgate-session=y", "a=b"),
        ("\t hubgate-session\t=x; _xsrf=1", "_xsrf=1"),
        ("HUBGATE-SESSION=x; __host-Hubgate-session=y", ""),
        ("xhubgate-session=x", "xhubgate-session=x"),
        ("a=hubgate-session", "a=hubgate-session"),
        ("hubgate-session", "hubgate-session"),
    ],
)
def test_the_gateways_cookies_go_no_further(header: str, left: str) -> None:
    assert passed_cookies(header.encode()) == left.encode()


names = st.sampled_from([b"hubgate-session", b"__Host-hubgate-session", b"HubGate-Session", b"_xsrf", b"a", b""])
bytes_in_cookies = st.binary(max_size=8).filter(lambda value: not set(value) & set(b";\r\n\0"))
pairs = st.lists(st.tuples(names, st.sampled_from([b"=", b" =", b"\t= ", b""]), bytes_in_cookies), max_size=6)


@given(pairs)
def test_any_cookie_header_loses_exactly_the_gateways_pairs(parts: list[tuple[bytes, bytes, bytes]]) -> None:
    """Whatever the header, what is left has none of our names, and all other pairs in their order."""
    header = b"; ".join(b"".join(part) for part in parts)
    ours = (b"hubgate-session", b"__host-hubgate-session")
    wanted = [pair for pair in cookies(header) if pair[0].lower() not in ours and any(pair)]
    assert [pair for pair in cookies(passed_cookies(header)) if any(pair)] == wanted


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("a=1&token=x&b=2", "a=1&b=2"),
        ("token=x", ""),
        ("token", ""),
        ("%74%6f%6Ben=x&a=%20", "a=%20"),
        ("a=token&mytoken=1", "a=token&mytoken=1"),
        ("a=1&&b", "a=1&&b"),
        ("tok+en=1", "tok+en=1"),
    ],
)
def test_a_token_leaves_the_query(query: str, left: str) -> None:
    assert without_token(query.encode()) == left.encode()


@given(st.text(alphabet="token=&%7465b+;", max_size=40))
def test_no_spelling_of_the_argument_survives(query: str) -> None:
    """Whatever the query, nothing that decodes to the argument `token` is left in it."""
    assert b"token" not in [name for name, _ in arguments(without_token(query.encode()))]
