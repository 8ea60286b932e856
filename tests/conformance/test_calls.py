"""The same calls to JupyterHub and to Hubgate: what differs is meant, and what is meant differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.calls import NOUNS
from tests.conformance.differences import DIFFERENCES

if TYPE_CHECKING:
    from tests.conformance.conftest import Compared

pytestmark = [pytest.mark.sockets, pytest.mark.conformance, pytest.mark.timeout(600)]


@pytest.mark.parametrize("noun", NOUNS)
def test_hubgate_answers_as_jupyterhub_does(compared: Compared, noun: str) -> None:
    unmeant = [d for d in compared(noun) if not any(meant.covers(d) for meant in DIFFERENCES)]
    assert not unmeant, f"{len(unmeant)} deviations\n" + "\n".join(map(str, unmeant))


def test_each_meant_difference_is_there(compared: Compared) -> None:
    found = [deviation for noun in NOUNS for deviation in compared(noun)]
    unused = [meant for meant in DIFFERENCES if not any(meant.covers(deviation) for deviation in found)]
    assert unused == []


def test_the_calls_are_many_and_told_apart() -> None:
    names = [f"{noun}: {call.about}" for noun, calls in NOUNS.items() for call in calls]
    assert len(names) >= 150
    assert len(set(names)) == len(names)
