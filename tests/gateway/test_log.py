"""A line of the log cannot be forged by what it tells of."""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from collections.abc import Iterator

import pytest

from gateway import log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where this test's log goes; afterwards logging is as it was."""
    names = ["", log.ACCESS, "uvicorn.access", *log.QUIET]
    before = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level) for name in names}
    stream = io.StringIO()
    log.set_up("hub", stream)
    yield stream
    logging.captureWarnings(False)
    for name, (handlers, level) in before.items():
        logging.getLogger(name).handlers[:] = handlers
        logging.getLogger(name).setLevel(level)
    logging.getLogger(log.ACCESS).propagate = True
    logging.getLogger("uvicorn.access").disabled = False


def test_a_line_tells_when_who_how_and_what(stream: io.StringIO) -> None:
    logging.getLogger("gateway.hub.x").warning("user %s", "ünï")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z hub WARNING gateway\.hub\.x: user ünï\n", stream.getvalue()
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("nul\0", r"nul\x00"),
        ("\x9b1m", r"\x9b1m"),
        ("\u202eevil", r"\u202eevil"),
        ("a\u2028b\u0085", r"a\u2028b\x85"),
        ("\udcff", r"\udcff"),
        ("\t", r"\t"),
    ],
)
def test_no_name_makes_a_line_or_moves_the_cursor(stream: io.StringIO, name: str, shown: str) -> None:
    logging.getLogger("x").info("log-in of %s failed", name)
    assert stream.getvalue().endswith(f" x: log-in of {shown} failed\n")
    assert stream.getvalue().count("\n") == 1


def test_a_traceback_cannot_hold_a_line_that_looks_like_a_record(stream: io.StringIO) -> None:
    try:
        raise ValueError("bad\n2026-01-01T00:00:00.000Z hub INFO x: all is well \x1b[2J")
    except ValueError:
        logging.getLogger("x").exception("oops", stack_info=True)
    first, *others = stream.getvalue().splitlines()
    assert first.endswith("ERROR x: oops")
    assert any("ValueError: bad" in line for line in others)
    assert all(line.startswith("| ") for line in others)
    assert "\x1b" not in stream.getvalue()


def test_the_access_log_is_bare(stream: io.StringIO) -> None:
    line = json.dumps({"path": "/a\n\x1b"})
    logging.getLogger(log.ACCESS).info("%s", line)
    assert stream.getvalue() == line + "\n"


def test_others_are_quiet_but_not_silent(stream: io.StringIO) -> None:
    logging.getLogger("mitmproxy.proxy.server").info("client connect")
    logging.getLogger("uvicorn.access").error("GET /")
    logging.getLogger("uvicorn.error").warning("no more files")
    assert stream.getvalue().count("\n") == 1
    assert "no more files" in stream.getvalue()


def test_warnings_are_logged(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert " WARNING py.warnings: " in stream.getvalue()


def test_setting_up_twice_says_things_once(stream: io.StringIO) -> None:
    log.set_up("worker-1", stream)
    logging.getLogger("x").info("once")
    assert stream.getvalue().count("once") == 1
    assert " worker-1 INFO " in stream.getvalue()
