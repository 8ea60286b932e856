"""The command in this process, in a folder of its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from gateway import cli, log


class Result(NamedTuple):
    code: int
    out: str
    err: str


class Run(Protocol):
    def __call__(self, *arguments: str) -> Result: ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with no variable of ours set."""
    for name in list(os.environ):
        if name.startswith("HUBGATE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hubgate(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quiet: None) -> Run:
    """`hubgate("user", "list")` to exit code, stdout and stderr."""

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["hubgate", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return Result(code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def quiet() -> Iterator[None]:
    """Logging as it was: a command sets it up for a process of its own."""
    names = ["", log.ACCESS, *log.QUIET]
    before = [(logging.getLogger(name), logging.getLogger(name).handlers[:]) for name in names]
    levels = [logging.getLogger(name).level for name in names]
    yield
    logging.captureWarnings(False)
    for (logger, handlers), level in zip(before, levels, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)
    logging.getLogger(log.ACCESS).propagate = True
    logging.getLogger("uvicorn.access").disabled = False
