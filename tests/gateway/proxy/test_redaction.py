"""Secrets by structure and by pattern."""

from __future__ import annotations

import json
import time

import pytest

from gateway.proxy.hiding import Hider
from gateway.proxy.redaction import FORM, Redactor

SECRET = "hunter2hunter2"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(Hider("key", "alice"), ["ssn", "X-Mine"])


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Cookie", f"a={SECRET}; theme=x", "a=§; theme=hidden-"),
        ("Cookie", f"{SECRET}", "§"),
        ("Set-Cookie", f"a={SECRET}; Path=/x; HttpOnly", "a=§; Path=/x; HttpOnly"),
        ("Authorization", f"Bearer {SECRET}", "Bearer §"),
        ("Authorization", SECRET, "§"),
        ("X-XSRFToken", SECRET, "§"),
        ("X-Mine", SECRET, "§"),
        ("Referer", f"http://h/x?y=1&token={SECRET}", "http://h/x?y=1&token=§"),
        ("Location", f"/hub/accept-share?code={SECRET}#x", "/hub/accept-share?code=§#x"),
        ("Referer", f"http://h/api/shares/{SECRET}/accept", "http://h/api/shares/§/accept"),
        (
            "Referer",
            f"http://h/hub/login?next=%2Fhub%2Faccept-share%3Fcode%3D{SECRET}",
            "http://h/hub/login?next=%2Fhub%2Faccept-share%3Fcode%3D§",
        ),
        (
            "Referer",
            f"http://h/a?next=%2Fb%3Fnext%3D%252Fc%253Fcode%253D{SECRET}",
            "http://h/a?next=%2Fb%3Fnext%3D%252Fc%253Fcode%253D§",
        ),
        ("Referer", f"http://h/x?a%3Dtoken={SECRET}", "http://h/x?a%3Dtoken=§"),
        ("Referer", "http://h/a?next=%2Fb%3Fc%3Dd&e=f", "http://h/a?next=%2Fb%3Fc%3Dd&e=f"),
        ("Referer", f"http://h/{'%3Fa%3D' * 9}%3Fcode%3D{SECRET}", "http://h/%3Fa%3D"),
        ("Content-Type", "text/html", "text/html"),
    ],
)
def test_headers(redactor: Redactor, name: str, value: str, shown: str) -> None:
    ((_, found),) = redactor.headers([(name, value)])
    assert found.startswith(shown.replace("§", redactor.hide.name(SECRET)))
    assert SECRET not in found


@pytest.mark.parametrize(
    "target",
    [
        f"/x?token={SECRET}", f"/x?a=1;code={SECRET}", f"/x?%74oken={SECRET}", f"/x?ssn={SECRET}",
        f"/hub/login?next=%2Fx%3Ftoken%3D{SECRET}", f"/hub/login?next=%2Fy%3Fnext%3D%252Fx%253Ftoken%253D{SECRET}",
        f"/api/shares/{SECRET}", f"/api/sh%61res/{SECRET}", f"/hub/api/authorizations/token/{SECRET}",
    ],
)  # fmt: skip
def test_targets(redactor: Redactor, target: str) -> None:
    assert SECRET not in redactor.target(target)


def test_what_is_no_secret_stays(redactor: Redactor) -> None:
    target = "/user/alice/api/contents/a%20b?type=file&content=1&_=5"
    assert redactor.target(target) == target
    body = '{"cells": [{"code": "token = 1", "state": "idle"}], "max_tokens": 5}'
    assert redactor.body(body, "application/json") == body


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"username=a&password={SECRET}&x=1", FORM),
        (f'{{"user": "a", "password": "{SECRET}"}}', "application/json; charset=utf-8"),
        (f'{{"pass\\u0077ord": "{SECRET}"}}', "application/json"),
        (f'[{{"token": {{"value": ["{SECRET}"]}}}}]', "application/vnd.api+json"),
        (f'{{"a": "b", "password": "{SECRET}', "application/json"),
        (json.dumps({"inner": json.dumps({"secret": SECRET})}), "application/json"),
        (f'<script>{{"token": "{SECRET}"}}</script>', "text/html"),
        (f'<input type="hidden" name="_xsrf" value="{SECRET}">', "text/html"),
        (f"curl -H 'Authorization: token {SECRET}aaaa' ftp://me:{SECRET}@host/ x?token={SECRET}", "text/plain"),
        (f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--b--',
         "multipart/form-data; boundary=b"),
        (f'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n{{"token":"{SECRET}"}}\r\n--b--',
         'multipart/form-data; boundary="b"'),
    ],
)  # fmt: skip
def test_bodies(redactor: Redactor, body: str, kind: str) -> None:
    shown = redactor.body(body, kind, True)
    assert SECRET not in shown
    assert "hidden-" in shown


def test_what_is_sent_under_a_secrets_name_is_looked_for_elsewhere(redactor: Redactor) -> None:
    redactor.body('{"password": "correct horse"}', "application/json", True)
    redactor.body('{"Password": "Das Passwort"}', "application/json", False)
    assert redactor.hide.cleaned(["correct horse", "Das Passwort"])[1] == "Das Passwort"
    assert "horse" not in redactor.hide.cleaned(["correct horse"])[0]


@pytest.mark.parametrize(
    "evil",
    [
        '"token":\'',
        '"',
        '\\"',
        "eyJ",
        '"token":"\\',
        "?a=b",
        "?a=",
        "%3fa%3d",
        "%253fa",
        "%25",
        'name="token" ',
        "a://",
        "token ",
        '"a_',
        "?",
        "\\",
        "a" * 9,
    ],
)
def test_no_text_takes_its_time(redactor: Redactor, evil: str) -> None:
    begun = time.process_time()
    redactor.text((evil * 65536)[:65536])
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("word", ["toKen", "ſecret"])
def test_letters_that_are_alike(redactor: Redactor, word: str) -> None:
    """The Kelvin sign is a k, and the long s an s, to whoever reads without regard to case."""
    assert SECRET not in redactor.text(f'{{"{word}": "{SECRET}"}}')
