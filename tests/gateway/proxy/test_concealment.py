"""The server's secret in a response, however it is cut into packets: it never passes, and all else does."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.concealment import WRITABLE, Concealment, hidden
from gateway.routes import SECRET_MARK
from tests.gateway.proxy.values import SECRET

SAID = SECRET.encode()


def passed(data: bytes, cuts: list[int]) -> bytes:
    concealment = Concealment([hidden(SECRET), WRITABLE])
    out, rest = b"", data
    for cut in cuts:
        out += concealment.feed(rest[:cut], last=False)
        rest = rest[cut:]
    return out + concealment.feed(rest, last=True)


def test_what_takes_its_place_is_no_credential() -> None:
    wanted, instead = hidden(SECRET)
    assert (wanted, len(instead)) == (SAID, len(SAID))
    assert instead.startswith(SECRET_MARK.encode())


@given(
    st.lists(
        st.sampled_from([SAID, SAID[:20], SAID[20:], b"s", b'"writable": true', b"x", b"", b"\0\xff"]), max_size=8
    ),
    st.lists(st.integers(0, 40), max_size=12),
)
def test_it_never_passes(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    out = passed(data, cuts)
    assert len(out) == len(data)
    assert SAID not in out and WRITABLE[0] not in out
    assert out == data.replace(*hidden(SECRET)).replace(*WRITABLE)


def test_what_cannot_be_the_beginning_of_it_is_not_held() -> None:
    concealment = Concealment([hidden(SECRET)])
    assert concealment.feed(b"abc", last=False) == b"abc"
    assert concealment.feed(b"abc" + SAID[:5], last=False) == b"abc"
    assert concealment.feed(b"-", last=False) == SAID[:5] + b"-"


def test_texts_stay_as_they_are() -> None:
    model = {"writable": True, "content": {"cells": [{"source": 'x = {"writable": true}'}]}}
    seen = json.loads(passed(json.dumps(model).encode(), [3, 5, 7]))
    assert seen == model | {"writable": False}
