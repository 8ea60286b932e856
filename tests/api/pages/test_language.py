from __future__ import annotations

import ast as python
import math
import re
from importlib.resources import files
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast

from api.pages.language import REFERENCE, Language, Languages, preferred
from gateway import errors
from gateway.errors import TooMany
from tests.api.person import Person

PAGES = files("api.pages")
TEXTS = {item.name.removesuffix(".ftl"): item.read_text("utf-8") for item in (PAGES / "languages").iterdir()}
SOURCES = [
    item.read_text("utf-8")
    for folder in (PAGES, PAGES / "admin", PAGES / "templates")
    for item in folder.iterdir()
    if item.name.endswith((".py", ".html"))
]
ENGLISH = Language("en", TEXTS["en"])


def messages(text: str) -> dict[str, set[str]]:
    """Each message's arguments."""
    entries = FluentParser().parse(text).body
    assert not [entry for entry in entries if isinstance(entry, ast.Junk)]
    found = [entry for entry in entries if isinstance(entry, ast.Message)]
    assert len({entry.id.name for entry in found}) == len(found), "a message stands there twice"
    lines = {entry.id.name: text[entry.span.start : entry.span.end] for entry in found if entry.span}
    return {name: set(re.findall(r"\$(\w+)", line)) for name, line in lines.items()}


@pytest.mark.parametrize("name", sorted(set(TEXTS) - {REFERENCE}))
def test_each_language_says_all_that_english_says(name: str) -> None:
    assert messages(TEXTS[name]) == messages(TEXTS[REFERENCE])


def test_each_message_is_used_and_each_use_has_a_message() -> None:
    text = "".join(SOURCES)
    quoted = set(re.findall(r"""["']([a-z][a-z0-9-]*)["']""", text))
    families = set(re.findall(r'f"([a-z-]+-)\{', text) + re.findall(r'"([a-z-]+-)" ~', text))
    known = messages(TEXTS[REFERENCE])
    assert [name for name in known if name not in quoted and not name.startswith(tuple(families))] == []
    said = set(re.findall(r"""\b(?:say|marked)\(\s*["']([a-z0-9-]+)["']""", text))
    assert sorted(name for name in said - set(known) if not name.endswith("-")) == []


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("", []),
        ("de", ["de"]),
        ("en;q=0.5, de-CH", ["de-CH", "en"]),
        ("fr;q=0, de;q=0.1", ["de"]),
        ("*", []),
        ("de;q=2;x, ../etc/passwd, <b>", []),
        ("de," * 10000, ["de"] * 166 + ["de"]),
    ],
)
def test_accept_language(header: str, order: list[str]) -> None:
    assert preferred(header) == order


def test_a_message_without_its_argument_or_without_its_text() -> None:
    language = Language("en", "a = Hello { $name }\n")
    assert language.say("a", name="<b>") == "Hello <b>"
    assert language.marked("a", name="<b>") == "Hello <bdi>&lt;b&gt;</bdi>"
    with pytest.raises(ValueError, match="name"):
        language.say("a")
    with pytest.raises(KeyError, match="no message 'b'"):
        language.say("b")
    assert Language("de", "", language).say("a", name="x") == "Hello x"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (3500, "58 minutes ago"), (86400, "1 day ago")],
)
def test_ago(seconds: float, words: str) -> None:
    assert ENGLISH.ago(1000.0, 1000.0 + seconds) == words
    assert ENGLISH.ago(None, 1000.0) == ""


def test_numbers_and_moments() -> None:
    assert ENGLISH.size(999) == "999 B"
    assert ENGLISH.size(1234) == "1.2 kB"
    assert ENGLISH.size(56_700_000) == "57 MB"
    assert ENGLISH.size(1e19) == "10,000 PB"
    assert ENGLISH.number(1234567) == "1,234,567"
    assert ENGLISH.moment(0).startswith("Jan 1, 1970, 12:00:00") and ENGLISH.moment(0).endswith("AM UTC")
    assert ENGLISH.until(400.0, 100.0) == "in 5 minutes"
    assert ENGLISH.span(7200) == "2 hours"


async def test_the_header_chooses(alice: Person) -> None:
    page = await alice.page("hub/home", Accept_Language="xx, de;q=0.9")
    chosen = Languages.shipped().chosen("xx, de;q=0.9")
    assert f'<html lang="{chosen.name}">' in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_each_key_of_an_error_has_words() -> None:
    """Wherever an error with a key is raised; and no words are left over."""
    sources = [
        file.read_text("utf-8") for folder in ("api", "gateway", "plugins") for file in Path(folder).rglob("*.py")
    ]
    keys = set(re.findall(r'\bkey="([a-z-]+)"', "".join(sources)))
    assert {name.removeprefix("said-") for name in messages(TEXTS[REFERENCE]) if name.startswith("said-")} == keys


def test_each_error_of_a_page_has_words() -> None:
    """What a page raises itself, a person reads."""
    bare = []
    for file in Path("api/pages").rglob("*.py"):
        nodes = python.walk(python.parse(file.read_text("utf-8")))
        for call in (node.exc for node in nodes if isinstance(node, python.Raise)):
            ours = isinstance(call, python.Call) and hasattr(errors, python.unparse(call.func))
            if ours and "key" not in {each.arg for each in call.keywords}:
                bare.append(f"{file}:{call.lineno}")
    assert bare == []


def test_each_error_brings_what_its_words_take() -> None:
    """And nothing else. An option's name is put in by the page."""
    known, wrong = messages(TEXTS[REFERENCE]), []
    for file in (file for folder in ("api", "gateway", "plugins") for file in Path(folder).rglob("*.py")):
        nodes = python.walk(python.parse(file.read_text("utf-8")))
        for call in (node for node in nodes if isinstance(node, python.Call)):
            given = {each.arg: each.value for each in call.keywords}
            key, about = given.get("key"), given.get("about")
            if isinstance(key, python.Constant) and isinstance(key.value, str):
                brought = {name.value for name in getattr(about, "keys", ()) if isinstance(name, python.Constant)}
                if brought | ({"option"} if key.value.startswith("option-") else set()) != known[f"said-{key.value}"]:
                    wrong.append(f"{file}:{call.lineno}: {key.value}")
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("users", {"names": "a/b"}, "Das können keine Namen sein: a/b."),
        ("users", {"names": "alice"}, "Alle diese Personen gibt es schon."),
        ("users/root", {"action": "disable"}, "Das kann niemand mit sich selbst tun"),
        ("users/alice", {"action": "remove", "password": "wrong"}, "Name oder Passwort ist falsch"),
        ("groups", {"name": " "}, "Der Name einer Gruppe darf nicht leer sein"),
        ("groups/none", {"action": "remove"}, "Diese Gruppe gibt es nicht."),
        ("routes", {"path": "/hub/x", "target": "http://192.0.2.1"}, "Der Pfad darf nicht „/hub“ sein oder darunter"),
        ("routes", {"path": "/x", "target": "http://169.254.1.1"}, "kann kein Ziel einer Route sein: Adressen für das"),
        ("captures", {"reason": "r", "minutes": "1", "megabytes": "1"}, "Sagen Sie, was aufgezeichnet werden soll"),
        ("captures", {"reason": "r", "user": "eve", "minutes": "1", "megabytes": "1"}, "„eve“ gibt es hier nicht."),
        ("gateway", {"action": "announce", "until": "soon"}, "Das Ende muss ein Datum mit Uhrzeit sein."),
        ("signups", {"action": "approve", "name": "eve"}, "Niemand hat um ein Konto mit diesem Namen gebeten."),
    ],
)
async def test_what_the_administration_may_not_do(
    root: Person, alice: Person, path: str, fields: dict[str, str], said: str
) -> None:
    page = await root.submit(
        f"hub/admin/{path}", {"access": "public", **fields}, page="hub/admin/users", Accept_Language="de"
    )
    assert 400 <= page.status_code < 500
    assert said in page.text


async def test_a_filter_that_is_none(root: Person) -> None:
    page = await root.page("hub/admin/traffic?status=x", Accept_Language="de")
    assert "Der Status muss eine Zahl wie 404 oder eine Klasse wie 4xx sein." in page.text


def test_an_error_in_words() -> None:
    english, german = Languages.shipped().chosen("en"), Languages.shipped().chosen("de")
    full = TooMany("5 servers wait", key="queue-full", about={"count": 5})
    assert english.told(full) == "5 servers wait to be started already; try again later."
    assert german.told(full) == "5 Server warten schon auf den Start; versuchen Sie es später noch einmal."
    for error in (
        TooMany("in its own words"),
        TooMany("in its own words", key="of-a-plugin"),
        TooMany("in its own words", key="login-locked", about={"minutes": math.inf}),
    ):
        assert german.told(error) == "in its own words"
