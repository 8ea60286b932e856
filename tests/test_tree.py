"""The tree itself: tests mirror the code, files stay small, packages say what they are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted(path for folder in ("gateway", "plugins", "api") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules() -> list[Path]:
    return [path.relative_to(ROOT) for path in CODE if path.name != "__init__.py"]


@pytest.mark.parametrize("module", modules(), ids=str)
def test_each_module_has_its_test(module: Path) -> None:
    assert (ROOT / "tests" / module.parent / f"test_{module.name}").is_file()


def test_each_test_of_a_part_belongs_to_a_module() -> None:
    """`test_gate.py`, or `test_gate_<topic>.py` where one file would be too long."""
    strays = []
    for folder in ("gateway", "plugins", "api"):
        for test in (ROOT / "tests" / folder).rglob("test_*.py"):
            there = {m.stem for m in modules() if m.parent == test.relative_to(ROOT / "tests").parent}
            stem = test.stem.removeprefix("test_")
            if stem not in there and not any(stem.startswith(f"{module}_") for module in there):
                strays.append(name(test))
    assert strays == []


def test_each_test_folder_is_a_package() -> None:
    folders = {path.parent for path in TESTS}
    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("path", CODE + TESTS, ids=name)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", CODE, ids=name)
def test_each_file_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    doc = ast.get_docstring(tree)
    assert doc
    if path.name == "__init__.py":
        assert len(doc.splitlines()) <= 25
        assert [type(node) for node in tree.body if not isinstance(node, ast.Expr | ast.Assign)] == []
