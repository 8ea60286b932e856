"""What is installed, and who is not let in under our names."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import importlib.util
from pathlib import Path

import pytest

from gateway import installed
from gateway.errors import PluginError
from gateway.hookspecs import PROJECT


def entry(name: str, value: str) -> importlib.metadata.EntryPoint:
    return importlib.metadata.EntryPoint(name, value, PROJECT)


def test_an_entry_point_seen_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an editable installation shows it when one works in its folder."""
    found = [entry("door", "tests.gateway.no_such"), entry("door", "tests.gateway.no_such")]
    monkeypatch.setattr(installed, "entry_points", lambda group: found)
    assert len(installed.entries(PROJECT)) == 1
    found[:] = [entry("door", "one"), entry("door", "two")]
    with pytest.raises(PluginError, match="two plugins are called 'door': one and two"):
        installed.entries(PROJECT)


def test_an_import_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "endless_plugin.py").write_text("while True: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(installed, "IMPORT", 0.1)
    with pytest.raises(PluginError, match=r"\(endless_plugin\) cannot be imported: TookTooLong"):
        installed.imported(entry("endless", "endless_plugin"))


def test_another_distribution_has_overwritten_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        installed, "packages_distributions", lambda: {"api": ["hubgate"], "plugins": ["hubgate", "other"]}
    )
    with pytest.raises(PluginError, match=r"'plugins' is not Hubgate's.*installed by hubgate, other"):
        installed.refuse_strangers()


def test_a_folder_of_that_name_came_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "__init__.py").touch()
    stranger = importlib.machinery.PathFinder.find_spec("plugins", [str(tmp_path)])
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: stranger if name == "plugins" else real(name))
    with pytest.raises(PluginError, match=f"'plugins' is not Hubgate's: found at {tmp_path}/plugins"):
        installed.refuse_strangers()
