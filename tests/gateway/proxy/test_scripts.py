"""Addon scripts: loaded with a match; a broken one is reported and ignored."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.hookspecs import Match
from gateway.proxy.mitm import Master
from gateway.proxy.scripts import load
from tests.gateway.proxy.playbook import Talk, get, response


def script(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


HEADER = """
match = {"path": "/user/alice/seen", "methods": ["GET"]}
def responseheaders(flow):
    flow.response.headers["x-mine"] = "yes"
"""


LIST = """
match = {"path": "/user/alice/seen"}
class Mine:
    def responseheaders(self, flow):
        flow.response.headers["x-mine"] = "yes"
addons = [Mine()]
"""


@pytest.mark.parametrize("text", [HEADER, LIST])
def test_a_script_at_work(tmp_path: Path, text: str) -> None:
    t = Talk(addons=load([script(tmp_path, text)]))
    t._fences += getattr(t._fences[0], "addons", [])
    for path in ("seen", "other"):
        t.client(get(f"/user/alice/{path}"))
        t.upstream().send(response(body=b"1"))
    first, second = t.answer().split(b"HTTP/1.1 200 OK")[1:]
    assert b"x-mine: yes" in first
    assert b"x-mine" not in second


@pytest.mark.parametrize(
    "text",
    [
        "match = {", "raise ZeroDivisionError('a bug')", "import nothing_of_that_name", "import sys; sys.exit(3)",
        "x = 1", "match = 1", "match = {'pth': '/'}", "match = {'path': 1}",
        "match = {'users': 'alice'}", "match = {'methods': [1]}",
    ],
)  # fmt: skip
def test_a_broken_one_is_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    good = script(tmp_path, "match = {}", "good.py")
    found = load([script(tmp_path, text, "bad.py"), str(tmp_path / "missing.py"), str(tmp_path / "text.txt"), good])
    assert [each.name for each in found] == ["script-4-good"]
    assert caplog.text.count("is broken and ignored") == 3


def test_a_match_of_ours(tmp_path: Path) -> None:
    (found,) = load([script(tmp_path, "from gateway.hookspecs import Match\nmatch = Match(path='/x', users=('a',))")])
    assert found.match == Match("/x", users=("a",))


@pytest.mark.parametrize(
    ("hook", "asynchronous"),
    [("load", ""), ("configure", ""), ("running", ""), ("done", ""), ("running", "async "), ("done", "async ")],
)
async def test_one_that_fails_later_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, hook: str, asynchronous: str
) -> None:
    argument = "x" if hook in {"load", "configure"} else ""
    text = f"{asynchronous}def {hook}({argument}): raise OptionsError('a bug')"
    text = f"from mitmproxy.exceptions import OptionsError\nmatch = {{}}\n{text}"
    master = Master(load([script(tmp_path, text)]))
    await master.running()
    await master.done()
    assert "a bug" in caplog.text


def test_one_that_fails_at_a_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder_is_not_searched = script(tmp_path, "match = {}\ndef response(flow): raise ZeroDivisionError('a bug')")
    assert str(tmp_path) not in sys.path
    assert load([folder_is_not_searched])
