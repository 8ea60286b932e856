from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.errors import SettingsError
from gateway.store.backend import backend
from gateway.store.sqlite import Sqlite


@pytest.mark.parametrize(("url", "path"), [("sqlite:a/b.db", "/data/a/b.db"), ("sqlite:/x/y.db", "/x/y.db")])
def test_a_relative_path_starts_at_the_data_folder(url: str, path: str) -> None:
    base = backend(url, Path("/data"))
    assert isinstance(base, Sqlite)
    assert str(base.path) == path


@pytest.mark.parametrize("url", ["", "mysql://x/y", "hubgate.sqlite", "postgres"])
def test_another_url_is_a_mistake_in_the_settings(url: str) -> None:
    with pytest.raises(SettingsError, match=r"\[store\] url: expected sqlite:FILE or postgresql://"):
        backend(url, Path("/data"))


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    monkeypatch.delitem(sys.modules, "gateway.store.postgresql", raising=False)
    with pytest.raises(SettingsError, match="install hubgate with the extra 'postgres'"):
        backend("postgresql://alice:secret@host/db", Path("/data"))


def test_a_url_that_the_driver_cannot_read_is_a_mistake_in_the_settings() -> None:
    pytest.importorskip("psycopg2", reason="the extra postgres is not installed")
    with pytest.raises(SettingsError, match=r"\[store\] url: ") as caught:
        backend("postgresql://alice:secret@host/db?nonsense=1", Path("/data"))
    assert "secret" not in str(caught.value)


def test_a_label_has_no_password() -> None:
    pytest.importorskip("psycopg2", reason="the extra postgres is not installed")
    base = backend("postgresql://alice:secret@db.example.org:5433/hub", Path("/data"))
    assert base.label == "postgresql://db.example.org:5433/hub"
