from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pony.orm.core import CommitException, OperationalError, TransactionIntegrityError

from gateway.errors import Unavailable
from gateway.store.backend import backend
from gateway.store.faults import original, translated


def test_the_drivers_error_is_found_in_whatever_wraps_it() -> None:
    inner = sqlite3.OperationalError("x")
    wrapped = OperationalError(inner)
    assert original(inner) is inner
    assert original(wrapped) is inner
    assert original(TransactionIntegrityError("y", wrapped)) is inner
    assert original(CommitException("z", [(OperationalError, wrapped, None)])) is inner
    lonely = TransactionIntegrityError("y")
    assert original(lonely) is lonely


def test_what_has_no_words_goes_on_as_it_is(tmp_path: Path) -> None:
    base = backend("sqlite:x", tmp_path)
    for bug in (sqlite3.IntegrityError("unique"), KeyError("k"), Unavailable("ours")):
        with pytest.raises(type(bug)) as caught, translated(base):
            raise bug
        assert caught.value is bug


def test_the_drivers_error_stays_as_the_cause(tmp_path: Path) -> None:
    base = backend("sqlite:x", tmp_path / "missing")
    with pytest.raises(Unavailable, match="cannot be read and written") as caught, translated(base):
        base.reader()
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
