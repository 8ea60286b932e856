"""Scopes in words: what a token, a share or an application may do. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from api.pages.language import Language


def in_words(scopes: Iterable[str], language: Language) -> tuple[str, ...]:
    """One line a scope, each once; a scope without words stands as it is written."""
    return tuple(dict.fromkeys(_line(scope, language) for scope in sorted(scopes)))


def _line(scope: str, language: Language) -> str:
    name, _, bound = scope.partition("!")
    message = f"scope-{name.replace(':', '-').replace('_', '-')}"
    words = language.say(message) if language.knows(message) else name
    return f"{words} ({bound.replace('=', ' ')})" if bound else words
