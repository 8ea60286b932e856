"""`hubgate audit`: whole, spoiled, and as lines of JSON."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.gateway.commands.conftest import Run


def test_what_was_done_is_there_and_whole(hubgate: Run, folder: Path) -> None:
    assert hubgate("user", "add", "alice").code == 0
    assert hubgate("user", "add", "ünï").code == 0
    lines = [json.loads(line) for line in hubgate("audit", "export").out.splitlines()]
    added = [line for line in lines if line["action"] == "user.add"]
    assert [line["subject"] for line in added] == ["alice", "ünï"]
    assert {line["actor"] for line in added} == {"command line"}
    code, out, err = hubgate("audit", "verify")
    count, head = out.split()
    assert (code, int(count), len(head)) == (0, len(lines), 64)
    assert err.startswith("the audit is whole")


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE audit SET subject = 'eve' WHERE subject = 'bob'",
        "DELETE FROM audit WHERE subject = 'bob'",
        "UPDATE audit SET id = -id; UPDATE audit SET id = (SELECT max(-id) + min(-id) FROM audit) + id WHERE id < 0",
    ],
    ids=["edited", "deleted", "in another order"],
)
def test_a_spoiled_audit_is_told(hubgate: Run, folder: Path, script: str) -> None:
    for name in ("alice", "bob", "carol"):
        assert hubgate("user", "add", name).code == 0
    assert hubgate("audit", "verify").code == 0
    with closing(sqlite3.connect(folder / "hubgate-data/hubgate.sqlite")) as database:
        database.executescript(script)
        assert database.execute("SELECT count(*) FROM audit WHERE id <= 0").fetchone() == (0,)
    code, out, err = hubgate("audit", "verify")
    assert (code, out) == (1, "")
    assert err.startswith("hubgate: the audit is not whole: row ")
