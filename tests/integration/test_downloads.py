"""The download guard before a real Jupyter server: what is large is refused on every way out, and nothing else is."""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually

pytestmark = pytest.mark.sockets

SERVER = tomllib.loads((Path(__file__).parents[2] / "configs/profiles/server.toml").read_text("utf-8"))["profiles"][0]
LIMIT = 200_000
NOTEBOOK = {"cells": [], "metadata": {"x": "y" * LIMIT}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    settings = {
        "profiles": [SERVER],
        "spawner": {"start_timeout": 90},
        "plugins": {"downloads": {"action": "block", "max_size": LIMIT}},
    }
    with Gateway(tmp_path_factory.mktemp("guard"), settings) as gateway, Client(gateway) as client:
        (gateway.home / "folder").mkdir()
        (gateway.home / "big.csv").write_bytes(b"secret," * LIMIT)
        (gateway.home / "huge.bin").write_bytes(b"secret," * LIMIT * 5)
        (gateway.home / "small.csv").write_bytes(b"small," * 10)
        (gateway.home / "big.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
        client.log_in()
        client.start_server(timeout=90)
        client.jupyter("GET", "api/status")
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "files/big.csv",
        "files/big.csv?download=1",
        "%66iles/big.csv",
        "files/huge.bin",
        "api/contents/big.csv",
        "api/contents/big.csv?content=1&type=file&format=base64",
        "api/contents/huge.bin?type=file&format=base64",
        "api/contents/big.ipynb",
        "nbconvert/notebook/big.ipynb?download=true",
    ],
)
def test_what_is_too_large_stays(me: Client, path: str) -> None:
    answer = me.http.get(me.server(path))
    if path.startswith("%66"):
        assert answer.status_code in (403, 404), "as Jupyter reads it"
        return
    assert answer.status_code == 403, f"{answer.status_code} {answer.headers} {answer.text[:300]}"
    assert answer.json()["reason"] == "download-guard"
    assert "secret" not in answer.text


def test_a_part_of_it_stays_too(me: Client) -> None:
    answer = me.http.get(me.server("files/big.csv"), headers={"Range": "bytes=0-99"})
    assert (answer.status_code, "secret" in answer.text) == (403, False)


@pytest.mark.parametrize(
    "path",
    ["files/small.csv", "api/contents/small.csv", "api/contents", "api/contents/big.csv?content=0", "api/status"],
)
def test_everything_else_passes(me: Client, path: str) -> None:
    answer = me.http.get(me.server(path))
    assert answer.status_code == 200, answer.text[:300]
    if path == "files/small.csv":
        assert answer.content == b"small," * 10


def test_what_is_sent_to_the_server_is_left_alone(me: Client) -> None:
    """Upload and save are the same `PUT`."""
    data = b"x" * LIMIT * 2
    body = {"type": "file", "format": "base64", "content": base64.b64encode(data).decode()}
    assert me.jupyter("PUT", "api/contents/sent.bin", json=body).status_code == 201
    assert (me.gateway.home / "sent.bin").read_bytes() == data
    assert me.http.get(me.server("files/sent.bin")).status_code == 403


def test_it_is_in_the_log(me: Client) -> None:
    me.http.get(me.server("files/big.csv"))
    said = "download-guard: GET held back by 'admin': '/files/big.csv', 1400000 bytes, text/csv"
    eventually(lambda: said in me.gateway.log(10**6), 5, lambda: me.gateway.log(3000))
