"""The numbers of a worker on their way: they survive it, and nonsense does not."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channel.measures import BUCKETS, Counted, Measures, Timed
from gateway.channel.messages import decode_from_worker, encode
from gateway.errors import ChannelError

TIMED = Timed("server", "express", 1.5, (1,) * (len(BUCKETS) + 1), 10, 20)


def test_there_and_back() -> None:
    message = Measures((Counted("server", "GET", "2xx", "express", 3),), (TIMED,), {"forward": 3}, 1, 2, {"server": 1})
    assert decode_from_worker(encode(message)) == message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"GET"', '"PROPFIND"'),
        ('"2xx"', '"299"'),
        ('"forward"', '"For Ward"'),
        ('"count":3', '"count":-3'),
        ("1,1,", "1,"),
    ],
)
def test_what_would_make_new_labels_is_refused(old: str, new: str) -> None:
    text = encode(Measures((Counted("server", "GET", "2xx", "express", 3),), (TIMED,), {"forward": 3}))
    changed: Any = text.replace(old, new, 1)
    assert changed != text
    with pytest.raises(ChannelError):
        decode_from_worker(changed)
