from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from plugins.spawners import ports
from plugins.spawners.ports import OURS, Ports

pytestmark = pytest.mark.sockets


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the kernel's range is read."""
    file = tmp_path / "range"
    file.write_text("32768\t60999\n")
    monkeypatch.setattr(ports, "KERNELS", file)
    return file


def test_a_port_is_free(kernels: Path) -> None:
    port = Ports().take(now=0)
    assert port in OURS
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))


@pytest.mark.parametrize("text", ["1024 65000", "25000 26000", "29999 60999", "1024 20000", "nonsense", "1"])
def test_where_the_kernel_has_those_it_chooses(kernels: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    kernels.write_text(text)
    asked: list[int] = []
    monkeypatch.setattr(ports, "_free", lambda port: asked.append(port) or 4711)
    assert Ports().take(now=0) == 4711
    assert asked == [0]


def test_without_such_a_file_the_kernel_chooses(kernels: Path) -> None:
    kernels.unlink()
    with socket.socket() as server:
        server.bind(("127.0.0.1", Ports().take(now=0)))


def test_one_that_is_taken_is_passed_over(kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        monkeypatch.setattr(ports, "OURS", range(taken, taken + 1))
        kernels.write_text("1 2")
        assert Ports().take(now=0) not in (0, taken)


def test_none_is_handed_out_twice_in_short_order(kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels.write_text("1024 65000")
    free = iter([4711, 4711, 4712, 4711, 4711])
    monkeypatch.setattr(ports, "_free", lambda _: next(free))
    given = Ports()
    assert [given.take(now=0), given.take(now=59)] == [4711, 4712]
    assert given.take(now=61) == 4711


def test_when_there_is_none_it_says_so(kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_free", lambda _: 4711)
    given = Ports()
    given.take(now=0)
    with pytest.raises(StartFailed, match="no free port"):
        given.take(now=0)


def test_a_kernel_without_a_port_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "LOOPBACK", "192.0.2.1")
    with pytest.raises(StartFailed, match="no free port on this machine: "):
        Ports().take(now=0)
