"""Rules that hold for every file, proved by reading the sources."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from gateway.store import values
from gateway.store.work import MARK

ROOT = Path(__file__).parents[3]
STORE = ROOT / "gateway" / "store"
FILES = sorted(path for folder in ("gateway", "plugins", "api") for path in (ROOT / folder).rglob("*.py"))
APART = {"__init__", "backend", "entities", "faults", "migrate", "postgresql", "sqlite", "store", "values", "work"}
"""Modules of the store that hold no units of work."""
UNITS = [import_module(f"gateway.store.{path.stem}") for path in sorted(STORE.glob("*.py")) if path.stem not in APART]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", [path for path in FILES if STORE not in path.parents], ids=_name)
def test_only_the_store_imports_pony_or_a_driver(path: Path) -> None:
    assert not {"pony", "sqlite3", "psycopg2"} & set(_imported(path))


@pytest.mark.parametrize("path", [path for path in FILES if STORE in path.parents], ids=_name)
def test_no_await_inside_a_db_session(path: Path) -> None:
    """Pony would share the session with whatever task runs meanwhile."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.With | ast.AsyncWith) and "db_session" in ast.unparse(node.items[0]):
            assert not [inner for inner in ast.walk(node) if isinstance(inner, ast.Await | ast.Yield | ast.YieldFrom)]
        if isinstance(node, ast.AsyncFunctionDef):
            assert path.name in ("store.py", "memory.py")
            assert "db_session" not in ast.unparse(node)


def _units(module: ModuleType) -> Iterator[tuple[str, str, bool]]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        first = next(iter(inspect.signature(function).parameters.values()), None)
        if function.__module__ == module.__name__ and not name.startswith("_") and first and first.name == "db":
            yield f"{module.__name__}.{name}", str(first.annotation), getattr(function, MARK, False)


def test_a_unit_that_takes_a_snapshot_is_marked_and_no_other() -> None:
    found = {name: (kind, marked) for module in UNITS for name, kind, marked in _units(module)}
    assert len(found) > 40
    helpers = {"gateway.store.users.with_groups"}
    wrong = [name for name, (kind, marked) in found.items() if marked != (kind == "Snapshot") and name not in helpers]
    assert wrong == []


RUN = {"row", "rows", "value", "run", "run_many", "execute"}


def _sql(tree: ast.AST) -> Iterator[ast.AST]:
    """The first argument of each call that runs SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute) and node.func.attr in RUN:
            yield node.args[0]


# What may be put into SQL as text: names of columns and tables, and question marks.
PARTS = {
    "values.USER", "values.SESSION", "servers.COLUMNS", "grants.SELECT", "SELECT", "OWNED", "LATER",
    "ALIVE", "FROM", "OF_USER", "KIND", "grants.OF_KIND",
    "' AND '.join(where)", "column", "counted", "each", "filtered", "kind", "old", "order", "running", "table", "where",
    "marks(named)", "marks(groups)", "marks(part)", "marks(some)",
}  # fmt: skip


@pytest.mark.parametrize("module", [*UNITS, values], ids=lambda module: module.__name__)
def test_values_go_into_sql_by_parameters_only(module: ModuleType) -> None:
    for text in _sql(ast.parse(inspect.getsource(module))):
        pieces = text.values if isinstance(text, ast.JoinedStr) else [text]
        for piece in pieces:
            if isinstance(piece, ast.FormattedValue):
                assert ast.unparse(piece.value) in PARTS
            else:
                assert isinstance(piece, ast.Constant | ast.Attribute | ast.Name)
