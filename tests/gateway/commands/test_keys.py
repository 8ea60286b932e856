from __future__ import annotations

from tests.gateway.commands.conftest import Run


def test_a_new_key_is_named(hubgate: Run) -> None:
    first, second = hubgate("keys", "rotate"), hubgate("keys", "rotate")
    assert (first.code, second.code) == (0, 0)
    assert len(first.out.strip()) == 16
    assert first.out != second.out
    assert "jwks.json" in first.err
