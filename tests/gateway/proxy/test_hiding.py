"""What stands for a secret, and where secrets are found."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from gateway.proxy.hiding import KNOWN, Hider, spellings

SECRET = 'hunter2/"ünï"&+x'


def test_equal_values_look_equal_and_nobody_elses_do() -> None:
    alice, bob, other = Hider("key", "alice"), Hider("key", "bob"), Hider("another", "alice")
    assert alice(SECRET) == alice(SECRET) != alice("something else")
    assert len({alice(SECRET), bob(SECRET), other(SECRET)}) == 3
    assert alice("") == ""
    assert alice(alice(SECRET)) == alice(SECRET)


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
@pytest.mark.parametrize("after", [b"", b"!", b"!!"])
def test_base64_wherever_it_stands_in_it(before: bytes, after: bytes) -> None:
    hide = Hider("key", "alice")
    hide(SECRET)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + SECRET.encode() + after).decode()
        (cleaned,) = hide.cleaned([text])
        assert hide.name(SECRET) in cleaned
        assert len(cleaned.replace(hide.name(SECRET), "")) <= len(before + after) * 2 + 4


@pytest.mark.parametrize(
    "spelled", [SECRET, quote(SECRET), quote(SECRET, safe=""), SECRET.encode().hex(), 'hunter2/\\"\\u00fcn']
)
def test_other_spellings(spelled: str) -> None:
    assert any(way.startswith(spelled) for way in spellings(SECRET))


def test_what_is_learned_is_bounded_and_the_last_ones_count() -> None:
    hide = Hider("key", "alice", ["the-gateways-own"])
    for number in range(KNOWN + 10):
        hide.learn(f"secret-number-{number:04}")
    assert hide.cleaned(["secret-number-0000", f"secret-number-{KNOWN:04}", "the-gateways-own"]) == [
        "secret-number-0000", hide.name(f"secret-number-{KNOWN:04}"), hide.name("the-gateways-own"),
    ]  # fmt: skip


def test_short_values_are_not_looked_for() -> None:
    hide = Hider("key", "alice")
    hide("on")
    assert hide.cleaned(["go on"]) == ["go on"]


def test_texts_stay_apart() -> None:
    hide = Hider("key", "alice")
    hide("0123456789")
    assert hide.cleaned(["01234", "56789", "", "\ue000"]) == ["01234", "56789", "", "\ue000"]
