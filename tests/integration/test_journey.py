"""The whole way without a browser: log in, start JupyterLab, run a cell, stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway

pytestmark = pytest.mark.sockets

WAYS: dict[str, dict[str, Any]] = {
    "default": {},
    "host": {"settings": {"gateway": {"allowed_hosts": ["hub.example.org"]}}, "host": "hub.example.org"},
    "base": {"settings": {"gateway": {"base_path": "/x/"}}},
    "two-workers": {"settings": {"gateway": {"workers": 2}}},
    "halves": {"commands": ("hub", "proxy")},
}


@pytest.fixture(params=WAYS)
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), **WAYS[request.param]) as gateway:
        yield gateway


def test_log_in_start_run_a_cell_stop(gateway: Gateway) -> None:
    with Client(gateway) as anyone:
        assert anyone.http.get("user/admin/api").status_code == 403
    with Client(gateway) as client:
        assert client.page("hub/home").headers["location"].startswith(f"{gateway.base_path}hub/login?next=")
        client.log_in()
        assert "admin" in client.page("hub/home").text
        client.start_server()
        with client.kernel() as kernel:
            assert kernel.execute("print(6*7)") == "42\n"
            assert (
                kernel.execute("import os; print(sorted(k for k in os.environ if k.startswith('HUBGATE_')))") == "[]\n"
            )
        with Client(gateway) as anyone:
            assert anyone.http.get("user/admin/api").status_code == 403
        client.stop_server()
        assert client.http.get("user/admin/api").status_code == 424
        assert gateway.servers() == []
    assert gateway.stop() == [0] * len(gateway.commands)
