"""Bodies made readable, whatever they hold."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from api.pages.bodies import BYTES, LONGEST, gist, laid_out, view, written


@pytest.mark.parametrize(
    ("body", "media", "kind", "text"),
    [
        ({"text": '{"a":[1]}'}, "application/json", "json", '{\n  "a": [\n    1\n  ]\n}'),
        ({"text": '{"a":'}, "application/json", "text", '{"a":'),
        ({"text": "[" * 100_000}, "application/json", "text", "[" * 100_000),
        ({"text": "a=1&b=%3Cb%3E"}, "application/x-www-form-urlencoded; charset=utf-8", "form", "a = 1\nb = <b>"),
        ({"text": "<svg onload=x>"}, "image/svg+xml", "text", "<svg onload=x>"),
        ({"text": "a\u202eb\x1b[31mc\x00"}, "text/html", "text", "a\ufffdbc\ufffd"),
        ({}, "", "none", ""),
        ({"data": "hello"}, "", "text", "hello"),
        ({"text": 5}, "text/plain", "none", ""),
    ],
)
def test_by_type(body: dict[str, object], media: str, kind: str, text: str) -> None:
    found = view(body, media)
    assert (found.kind, found.text) == (kind, text)


def test_bytes_as_an_editor_shows_them() -> None:
    found = view({"base64": base64.b64encode(b"\x89PNG<b>" + bytes(2000)).decode(), "size": 2007}, "image/png")
    assert found.kind == "bytes"
    assert found.text.splitlines()[0] == "000000  89 50 4e 47 3c 62 3e 00 00 00 00 00 00 00 00 00  .PNG<b>........."
    assert len(found.text.splitlines()) == BYTES // 16
    assert view({"base64": "not base64!"}).text == ""


def test_what_is_long_is_cut() -> None:
    found = view({"text": "x" * (LONGEST + 1), "size": LONGEST + 1})
    assert (len(found.text), found.cut) == (LONGEST, True)
    assert view({"text": "x", "cut": True}).cut
    assert view({"omitted": "too \x1b[1mlarge"}).omitted == "too large"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"code": "1 + 1", "silent": False}, "1 + 1"),
        ({"name": "stdout", "text": "hi\n"}, "hi\n"),
        ({"data": {"text/plain": "2", "text/html": "<b>"}}, "2"),
        ({"execution_state": "busy"}, "busy"),
        ({"status": "error", "ename": "NameError", "evalue": "\x1b[31mno"}, "NameError: no"),
        ({"status": "ok", "execution_count": 1}, "ok"),
        ({"status": 1, "data": ["x"]}, ""),
        ({"code": ["x"]}, ""),
        (None, ""),
    ],
)
def test_what_a_kernels_message_is_about(content: object, text: str) -> None:
    assert gist({"content": content}) == text
    assert json.dumps(content)


def test_what_is_nested_deeply_is_laid_out_no_further_than_it_is_shown() -> None:
    """As a whole this would be a megabyte; of a body as large as one may be, a minute of the hub."""
    depth = 300
    text = "[" * depth + ",".join(["1"] * 2_000) + "]" * depth
    assert len(laid_out(text)) < 2 * LONGEST
    assert view({"text": text, "size": len(text)}, "application/json").cut


def test_what_is_nested_too_deeply_is_shown_as_far_as_it_goes() -> None:
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    assert LONGEST < len(written(value)) < 2 * LONGEST
