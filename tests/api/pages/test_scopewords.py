from __future__ import annotations

from api.pages.language import Languages
from api.pages.scopewords import in_words
from gateway.scopes import SUBSCOPES

LANGUAGES = Languages.shipped()


def test_scopes_in_words() -> None:
    english = LANGUAGES.chosen("en")
    scopes = ("access:servers!user=alice", "custom:thing:read", "tokens", "access:servers!user=alice")
    assert in_words(scopes, english) == ("Use servers (user alice)", "custom:thing:read", "Make and revoke tokens")


def test_in_german() -> None:
    assert in_words(["tokens"], LANGUAGES.chosen("de-AT")) == ("Tokens anlegen und widerrufen",)


def test_every_scope_has_words() -> None:
    english = LANGUAGES.chosen("en")
    without = [name for name in SUBSCOPES if in_words([name], english) == (name,)]
    assert without == ["(no_scope)"]
