"""mitmproxy's machinery without its applications: addons find what they expect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import ctx
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook, HttpRequestHook, HttpResponseHook
from mitmproxy.test.tflow import tflow

from gateway.hookspecs import Addon, Match
from gateway.proxy.addons import METADATA
from gateway.proxy.mitm import Master
from gateway.proxy.recorder import MARK


class Plugin:
    def __init__(self) -> None:
        self.life: list[str] = []

    def load(self, loader: Any) -> None:
        loader.add_option("plugin_option", str, "default", "help")
        self.life.append("load")

    def configure(self, updated: set[str]) -> None:
        if "plugin_option" in updated:
            self.life.append(f"configure {ctx.options.plugin_option}")

    def running(self) -> None:
        assert ctx.master.addons.get("hubgate-plugin")
        self.life.append("running")

    async def done(self) -> None:
        self.life.append("done")


async def test_the_life_of_an_addon() -> None:
    plugin = Plugin()
    master = Master([Addon("plugin", Match(), plugin)])
    await master.running()
    await master.done()
    assert plugin.life == ["load", "configure default", "running", "done"]


def test_the_options_that_matter() -> None:
    options = Master().options
    assert options.rawtcp is False
    assert options.connection_strategy == "lazy"
    assert options.validate_inbound_headers is True
    assert options.body_size_limit is None


def test_nothing_is_written_and_little_is_imported(tmp_path: Path) -> None:
    code = "import sys; from gateway.proxy.mitm import Master; Master(); print('mitmproxy.addons' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stdout.strip() == "False"
    assert list(tmp_path.iterdir()) == []


class Ours:
    name = "ours"

    def __init__(self) -> None:
        self.seen: list[HTTPFlow] = []

    def response(self, flow: HTTPFlow) -> None:
        self.seen.append(flow)

    def error(self, flow: HTTPFlow) -> None:
        raise ValueError("a bug")


def test_our_own_addons_are_told_at_once_where_nobody_else_gets_the_flow(caplog: pytest.LogCaptureFixture) -> None:
    ours = Ours()
    master = Master([], ours)
    mine, theirs = tflow(resp=True), tflow(resp=True)
    mine.metadata[METADATA] = [MARK + "a-1"]
    theirs.metadata[METADATA] = [MARK + "a-2", "plugin"]
    assert master.tell_ours(HttpResponseHook(mine))
    assert not master.tell_ours(HttpResponseHook(theirs))
    assert ours.seen == [mine]
    assert master.tell_ours(HttpRequestHook(mine)), "a hook that none of ours has"
    assert master.tell_ours(HttpErrorHook(mine))
    assert "a bug" in caplog.text
