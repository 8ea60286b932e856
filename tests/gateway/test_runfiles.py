"""The run files: whole at any moment, ours alone, honest about who runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway import runfiles
from gateway.errors import HubgateError


def test_a_private_folder(tmp_path: Path) -> None:
    folder = runfiles.private_folder(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    runfiles.private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HubgateError, match=f"the folder {tmp_path}/file/x cannot be used"):
        runfiles.private_folder(tmp_path / "file" / "x")


def test_a_folder_that_cannot_be_read_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    with pytest.raises(HubgateError, match="cannot be read and written"):
        runfiles.private_folder(tmp_path)


def test_readers_never_see_a_part(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    texts = {"a" * 50_000, "b" * 70_000}
    runfiles.write_atomic(path, "a" * 50_000)
    stop = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        for text in sorted(texts):
            runfiles.write_atomic(path, text)
    stop.set()
    reader.join()
    assert seen <= texts
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    assert runfiles.read_json(path) is None
    runfiles.write_json(path, {"name": "ü", "list": [1]})
    assert runfiles.read_json(path) == {"name": "ü", "list": [1]}
    for text in ("", "{", "[1]", "\xff"):
        path.write_text(text, "latin-1")
        assert runfiles.read_json(path) is None


def test_pids(tmp_path: Path) -> None:
    path = tmp_path / "hub.pid"
    assert runfiles.read_pid(path) is None
    path.write_text("nonsense")
    assert runfiles.read_pid(path) is None
    runfiles.remove_pid(path)
    runfiles.write_pid(path)
    assert path.read_text() == f"{os.getpid()}\n"
    assert runfiles.read_pid(path) == os.getpid()
    runfiles.remove_pid(path)
    assert not path.exists()


def test_the_file_of_a_successor_stays(tmp_path: Path) -> None:
    path = tmp_path / "hub.pid"
    path.write_text("1\n")
    runfiles.remove_pid(path)
    assert path.exists()


@pytest.mark.parametrize("text", ["", "x", "0\n", "-1\n", "99999999999\n"])
def test_what_is_no_pid(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hub.pid"
    path.write_text(text)
    assert runfiles.running_pid(path) is None


def test_a_dead_process(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    path = tmp_path / "hub.pid"
    path.write_bytes(dead.stdout)
    assert runfiles.read_pid(path)
    assert runfiles.running_pid(path) is None
    runfiles.write_pid(path)
    assert runfiles.running_pid(path) == os.getpid()


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "hub.lock"
    held = runfiles.lock(path, "hub")
    assert not os.get_inheritable(held)
    with pytest.raises(HubgateError, match="another hub"):
        runfiles.lock(path, "hub", patience=0.05)
    os.close(held)
    os.close(runfiles.lock(path, "hub", patience=0))


def test_the_lock_of_a_dead_holder_is_free(tmp_path: Path) -> None:
    path = tmp_path / "hub.lock"
    code = "import os, signal, sys; from pathlib import Path; from gateway import runfiles;"
    code += "runfiles.lock(Path(sys.argv[1]), 'hub'); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    os.close(runfiles.lock(path, "hub", patience=0))
