from __future__ import annotations

import pytest

from api.pages.page import me, shortened
from gateway.errors import Forbidden
from gateway.model import Identity


def test_shortened() -> None:
    assert shortened("plain") == "plain"
    assert shortened("x" * 500) == "x" * 119 + "…"
    assert "\x1b" not in shortened("\x1b[31mred")


def test_pages_are_for_people() -> None:
    def identity(kind: str) -> Identity:
        return Identity(kind, "x", frozenset(), "session", "", "1")  # type: ignore[arg-type]

    assert me(identity("user")) == "x"
    with pytest.raises(Forbidden):
        me(identity("service"))
