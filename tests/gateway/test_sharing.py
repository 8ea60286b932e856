"""Paths below a server: one spelling each, and nothing that two servers could read in two ways."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.sharing import Admission, checked_path, in_api, plain_name, within


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("/", ""),
        (" files/plots/ ", "files/plots"),
        ("/files/my%20plots", "files/my%20plots"),
        ("files/my plots", "files/my%20plots"),
        ("files/ünï", "files/%C3%BCn%C3%AF"),
        ("proxy/8050", "proxy/8050"),
        ("a%2525", "a%2525"),
        ("...", None),
        ("a/../b", None),
        ("a/%2e%2e/b", None),
        ("a/%252e%252e/b", None),
        ("a/./b", None),
        ("a//b", None),
        ("a%2Fb", None),
        ("a%252Fb", None),
        ("a%5Cb", None),
        ("a\\b", None),
        ("a;b", None),
        ("a?b", None),
        ("a#b", None),
        ("a\x00b", None),
        ("a%00b", None),
        ("a%0ab", None),
        ("a\u202eb", None),
        ("%ff", None),
        ("\ud800", None),
        ("x" * 1001, None),
        ("/".join("x" * 17), None),
    ],
)
def test_what_a_path_is(written: str, kept: str | None) -> None:
    if kept is not None:
        assert checked_path(written) == kept
        assert checked_path(kept) == kept
        return
    with pytest.raises(BadInput, match="path must"):
        checked_path(written)


@pytest.mark.parametrize(
    ("written", "inside"),
    [
        ("api", True),
        ("/api/", True),
        ("api/contents/some/folder", True),
        ("API/contents", True),
        ("%61pi/contents", True),
        ("%2561pi/contents", True),
        ("%2541PI", True),
        ("", False),
        ("apis", False),
        ("api-docs/x", False),
        ("files/api/contents", False),
        ("proxy/8050/api", False),
    ],
)
def test_what_lies_in_jupyters_api(written: str, inside: bool) -> None:
    assert in_api(checked_path(written)) is inside


@given(st.text(max_size=20))
def test_a_path_has_one_spelling_or_none(text: str) -> None:
    try:
        kept = checked_path(text)
    except BadInput:
        return
    assert checked_path(kept) == checked_path(quote(unquote(kept), safe="/@~")) == kept
    for segment in kept.split("/") if kept else ():
        name = plain_name(segment.encode())
        assert name is not None and not set(name) & set("/\\;") and name not in (".", "..")


def test_what_lies_within() -> None:
    assert within("files/plots", "") and within("", "")
    assert within("files/plots", "files/plots") and within("files/plots/a", "files/plots")
    assert not within("files/plots2", "files/plots")
    assert not within("", "files") and not within("files", "files/plots")


def test_it_ends() -> None:
    assert Admission("bob", "").over(1e18) is False
    assert Admission("bob", "", until=10.0).over(10.0) is True
    assert Admission("bob", "", until=10.0).over(9.9) is False
