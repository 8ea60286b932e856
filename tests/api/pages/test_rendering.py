"""Every page: its Context and its template know the same names; nothing inline; markup stays text."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from importlib.resources import files
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import jinja2
import pytest
from jinja2 import meta, nodes

import api.app  # noqa: F401  # imports every page
from api.pages.rendering import Context, Frame, policy
from tests.api.person import Person
from tests.api.scripted import MARKUP

TEMPLATES = files("api.pages") / "templates"
NAMES = sorted(item.name for item in TEMPLATES.iterdir())
SHARED = ("admin.html", "base.html", "fields.html", "parts.html")
ENVIRONMENT = jinja2.Environment(loader=jinja2.PackageLoader("api.pages"), autoescape=True)


def contexts(of: type[Any] = Context) -> list[type[Any]]:
    """All page contexts that have a template."""
    found = [cls for sub in of.__subclasses__() for cls in contexts(sub)]
    # A dataclass with slots is made twice; the first one has no slots and is not used.
    return [of, *found] if "template" in vars(of) and "__slots__" in vars(of) else found


def parsed(name: str) -> nodes.Template:
    return ENVIRONMENT.parse((TEMPLATES / name).read_text("utf-8"))


def used(name: str) -> set[str]:
    """The variables of a template and of those it extends."""
    tree = parsed(name)
    # Blocks do not see what their own file imports at its top, says jinja2; but they do.
    imported = {name for each in tree.find_all(nodes.FromImport) for name in each.names}
    imported |= {each.name for each in tree.find_all(nodes.Macro)}
    found = meta.find_undeclared_variables(tree) - imported
    for extends in tree.find_all(nodes.Extends):
        assert isinstance(extends.template, nodes.Const)
        found |= used(extends.template.value)
    return found


def test_there_is_a_context_for_each_template() -> None:
    assert {cls.template for cls in contexts()} == set(NAMES) - set(SHARED)


@pytest.mark.parametrize("cls", contexts(), ids=lambda cls: cls.__name__)
def test_context_and_template_know_the_same_names(cls: type[Any]) -> None:
    assert {field.name for field in fields(cls)} == used(cls.template) - {"say", "tab"}


def test_every_part_of_the_frame_is_used() -> None:
    text = "".join((TEMPLATES / name).read_text("utf-8") for name in NAMES)
    assert {field.name for field in fields(Frame)} == set(re.findall(r"\bframe\.(\w+)", text))


@pytest.mark.parametrize("cls", [Frame, *contexts()], ids=lambda cls: cls.__name__)
def test_each_field_says_what_it_is(cls: type[Any]) -> None:
    assert cls.__dataclass_params__.frozen
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        hint = hints[field.name]
        assert get_origin(hint) is Annotated, field.name
        for inner in get_args(get_args(hint)[0]):
            if is_dataclass(inner) and isinstance(inner, type):
                test_each_field_says_what_it_is(inner)


# ── templates ────────────────────────────────────────────────────────────────


class Lint(HTMLParser):
    """Complains of whatever the Content-Security-Policy would block, or would have to allow."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.complaints.append(f"<{tag} {name}=…>")
            if value and re.match(r"\s*(javascript|data):", value, re.IGNORECASE):
                self.complaints.append(f"<{tag} {name}={value}>")
            if value and re.match(r"(https?:)?//", value):
                self.complaints.append(f"<{tag} {name}={value}> leads to another host")
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.complaints.append(f"<{tag}>")
        if tag == "script" and "src" not in given:
            self.complaints.append("<script> without src")
        if (tag == "script" or given.get("rel") == "stylesheet") and "nonce" not in given:
            self.complaints.append(f"<{tag}> without nonce")
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self.complaints.append("script inline")


@pytest.mark.parametrize("name", NAMES)
def test_templates_have_nothing_inline(name: str) -> None:
    lint = Lint()
    lint.feed((TEMPLATES / name).read_text("utf-8"))
    assert lint.complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_templates_switch_no_escaping_off(name: str) -> None:
    tree = parsed(name)
    assert not [node.name for node in tree.find_all(nodes.Filter) if node.name in ("safe", "tojson")]
    assert "autoescape" not in (TEMPLATES / name).read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_each_posting_form_carries_its_proof(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    for form in re.findall(r"<form[^>]*>.*?</form>", text, re.DOTALL):
        assert ("proof(frame)" in form) == ('method="post"' in form)


def test_the_lint_can_complain() -> None:
    lint = Lint()
    lint.feed('<p style="x" onclick="y"><script>1</script><a href="javascript:1"><img src="//evil"><style></style>')
    assert len(lint.complaints) == 8


# ── pages as they are sent ───────────────────────────────────────────────────


def test_the_policy() -> None:
    assert "script-src 'nonce-n'" in policy("n")
    assert "unsafe" not in policy("n")


async def test_only_files_with_the_answers_nonce_are_loaded(alice: Person) -> None:
    page = await alice.page("hub/home")
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
    assert page.headers["Content-Security-Policy"] == policy(nonce)
    assert len(nonce) >= 22


async def test_the_proof_is_kept_while_it_is_good(stranger: Person) -> None:
    first = await stranger.page("hub/login")
    kept = stranger.cookies["_xsrf"]
    again = await stranger.page("hub/login")
    assert kept in first.text
    assert kept in again.text
    assert not again.cookies
    stranger.cookies["_xsrf"] = "tossed"
    fresh = await stranger.page("hub/login")
    assert stranger.cookies["_xsrf"] not in ("tossed", kept)
    assert "tossed" not in fresh.text


@pytest.mark.parametrize(
    "path", ["hub/login?username={}", "hub/login?next=/{}", "{}", "hub/{}", "hub/spawn?opt-profile={}"]
)
async def test_markup_in_addresses_stays_text(stranger: Person, alice: Person, path: str) -> None:
    from urllib.parse import quote

    for person in (stranger, alice):
        page = await person.page(path.format(quote(MARKUP, safe="")))
        assert "<script>alert" not in page.text
        assert "49" not in re.sub(r'"[^"]*"', "", page.text)
