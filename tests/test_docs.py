"""The documentation says what the code does: settings, calls, the life of a server, dependencies, links."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from api.dialect import OURS
from api.openapi import by_path
from gateway.hub import lifecycle
from gateway.profilesettings import OptionSettings
from gateway.settings import Settings
from tests.api.documented import described

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "configs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/*.md")),
]


def told(model: type[BaseModel]) -> dict[str, str]:
    """Each key of a section and its default, as the reference writes it."""
    result = {}
    for key, field in model.model_fields.items():
        plain = field.get_default(call_default_factory=True)
        result[key] = "" if plain is PydanticUndefined else f"`{json.dumps(simple(plain))}`"
    return result


def simple(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def sections() -> dict[str, type[BaseModel]]:
    """Heading of the reference to the model of what may stand there."""
    result: dict[str, type[BaseModel]] = {"[[profiles.options]]": OptionSettings}
    fields = {name: field for name, field in Settings.model_fields.items() if name != "plugins"}
    for name, field in fields.items():
        if get_origin(field.annotation) is dict:
            result[f"[{name}]"] = get_args(field.annotation)[1]
        elif many := get_args(field.annotation):
            result[f"[[{name}]]"] = many[0]
        else:
            assert isinstance(field.annotation, type)
            result[f"[{name}]"] = field.annotation
    return {**result, **sections_of_plugins()}


def sections_of_plugins() -> dict[str, type[BaseModel]]:
    """The same for the plugins that come with Hubgate."""
    result: dict[str, type[BaseModel]] = {}
    for entry_point in entry_points(group="hubgate"):
        if entry_point.dist is None or entry_point.dist.name != "hubgate":
            continue
        module = import_module(entry_point.value)
        for kind, hook in (
            ("authenticator", "gateway_authenticators"),
            ("spawner", "gateway_spawners"),
            ("sharing", "gateway_share_handlers"),
        ):
            for name, offered in getattr(module, hook, dict)().items():
                if offered.Options.model_fields:
                    result[f"[{kind}.{name}]"] = offered.Options
        if hasattr(module, "gateway_options"):
            result[f"[plugins.{entry_point.name}]"] = module.gateway_options()
    return result


def written() -> dict[str, dict[str, str]]:
    """Heading to key to default, as read from the reference."""
    result: dict[str, dict[str, str]] = {}
    for line in (ROOT / "docs/settings.md").read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"#+ `(\[.*\])`", line):
            keys = result.setdefault(heading[1], {})
        elif row := re.match(r"\| `(\w+)` \| (.*?) ?\|", line):
            keys[row[1]] = row[2]
    result.pop("[plugins.<plugin>]", None)
    return result


def test_the_reference_has_every_section_key_and_default() -> None:
    assert written() == {heading: told(model) for heading, model in sections().items()}


def lifecycle_table() -> str:
    lines = ["| state | event → next state |", "|---|---|"]
    for state in lifecycle.State:
        pairs = [f"{event} → {then}" for (now, event), then in lifecycle.TABLE.items() if now is state]
        lines.append(f"| {state} | {' · '.join(pairs)} |")
    return "\n".join(lines)


def test_the_picture_of_a_servers_life_is_the_code() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    shown = re.search(r"<!-- lifecycle:[^>]*-->\n(.*?)\n?<!-- /lifecycle -->", text, re.DOTALL)
    assert shown
    assert shown[1] == lifecycle_table()


def test_the_readme_gives_a_reason_for_each_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in project["dependencies"]}
    table = (ROOT / "README.md").read_text("utf-8").partition("## Dependencies")[2].partition("\n## ")[0]
    rows = " ".join(line.split("|")[1].lower() for line in table.splitlines() if line.startswith("| "))
    assert {name for name in names if not re.search(rf"\b{re.escape(name)}\b", rows)} == set()


def test_the_reference_has_every_call_of_the_api_and_no_other() -> None:
    text = (ROOT / "docs/api.md").read_text("utf-8")
    rows = re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) `([^`]+)`", text, re.MULTILINE)
    calls = {(method.upper(), one_form(path)) for path, method, _ in by_path(described(OURS))}
    assert {(method, one_form(path)) for method, path in rows} == calls


def one_form(path: str) -> str:
    """Whatever its fields are called; the default server and a named one are one, as the reference says."""
    path = re.sub(r"{\w+}", "{}", path)
    return re.sub(r"/servers/({})?", "/server", path) + ("{}" if path.endswith("{}/") else "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
