"""`[spawner.local]`: what is a mistake before anything starts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from plugins.spawners.options import LocalOptions


def test_the_defaults_ask_for_nothing() -> None:
    options = LocalOptions()
    assert (options.user, options.umask, options.cgroup) == ("same", "", "")
    assert options.pre_start == options.post_stop == ()


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"user": "root"}, "same"),
        ({"min_uid": 0}, "greater than or equal to 1"),
        ({"umask": "8"}, "pattern"),
        ({"umask": "77"}, "pattern"),
        ({"cgroup": "/nowhere"}, "an absolute path of a control group"),
        ({"pre_start": ["x", "{port}"]}, "unknown placeholder {port}"),
        ({"post_stop": [""]}, "a program first"),
        ({"pre_start": "make-home"}, "tuple"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_mistakes(table: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        LocalOptions.model_validate(table)
