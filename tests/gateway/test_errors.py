"""The error tree: what an edge can rely on, whatever was raised."""

from __future__ import annotations

import ast
from http import HTTPStatus
from pathlib import Path

import pytest

from gateway import errors
from gateway.errors import HubgateError, SettingsError, TooMany

TREE = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, HubgateError)]


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_each_has_a_status_that_is_one_and_says_when(error: type[HubgateError]) -> None:
    assert HTTPStatus(error.status).is_client_error or HTTPStatus(error.status).is_server_error
    assert error.__doc__


def test_a_message_and_when_to_come_back() -> None:
    error = TooMany("at most 10", retry_after=7)
    assert (str(error), error.message, error.retry_after, error.status) == ("at most 10", "at most 10", 7, 429)
    assert TooMany("at most 10").retry_after is None


def test_all_mistakes_stand_in_the_message() -> None:
    error = SettingsError(["a: wrong", "b: wrong too"])
    assert error.mistakes == ["a: wrong", "b: wrong too"]
    assert str(error) == "a: wrong\nb: wrong too"


def test_nothing_is_raised_as_a_bare_exception() -> None:
    """Or an edge could not tell a refusal from a bug."""
    root = Path(errors.__file__).parents[1]
    bare = [
        f"{path.relative_to(root)}:{node.lineno}"
        for folder in ("gateway", "api", "plugins")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id in ("Exception", "BaseException")
    ]
    assert bare == []
