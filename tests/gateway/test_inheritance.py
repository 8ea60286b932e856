"""What a child inherits: complete, closed after reading, and passed on to nobody."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gateway import inheritance
from gateway.errors import HubgateError
from gateway.inheritance import Inherited
from gateway.settings import Settings


def settings(folder: Path, secret_file: str = "") -> Settings:
    return Settings.model_validate({"gateway": {"data_dir": folder}, "channel": {"secret_file": secret_file}})


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    given = Inherited("s" * 43, (), 2, -1, "http://127.0.0.1:8000/", settings(tmp_path))
    fd = inheritance.to_pipe(given)
    assert inheritance.from_pipe(fd) == given
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_long_settings_fit_as_well(tmp_path: Path) -> None:
    long = Settings.model_validate({"profiles": [{"name": f"p{n}", "command": ["x" * 900]} for n in range(200)]})
    fd = inheritance.to_pipe(Inherited("s", settings=long))
    assert inheritance.from_pipe(fd).settings == long


def test_our_own_children_get_nothing_of_it() -> None:
    listener, ready = os.pipe()
    os.set_inheritable(listener, True)
    os.set_inheritable(ready, True)
    inheritance.from_pipe(inheritance.to_pipe(Inherited("s", (listener,), 1, ready)))
    assert not os.get_inheritable(listener)
    assert not os.get_inheritable(ready)
    os.close(listener)
    os.close(ready)


@pytest.mark.parametrize("document", [b"", b"{}", b"nonsense", b'{"secret": "s", "ready": 9999}'])
def test_what_the_supervisor_did_not_write(document: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, document)
    os.close(writing)
    with pytest.raises(HubgateError, match="for the supervisor only"):
        inheritance.from_pipe(reading)


def test_no_such_descriptor() -> None:
    with pytest.raises(HubgateError, match="--inherit 9999"):
        inheritance.from_pipe(9999)


def test_ready_is_said_once() -> None:
    reading, writing = os.pipe()
    inheritance.tell_ready(Inherited("s", ready=writing))
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"ready\n"


def test_nobody_to_tell() -> None:
    inheritance.tell_ready(None)
    inheritance.tell_ready(Inherited("s"))
    reading, writing = os.pipe()
    os.close(reading)
    inheritance.tell_ready(Inherited("s", ready=writing))


# ── the secret ───────────────────────────────────────────────────────────────


def test_the_inherited_secret_counts(tmp_path: Path) -> None:
    assert inheritance.channel_secret(settings(tmp_path), Inherited("s")) == "s"
    assert not (tmp_path / "channel.key").exists()


def test_the_first_comer_makes_the_key(tmp_path: Path) -> None:
    chosen = settings(tmp_path / "data")
    secret = inheritance.channel_secret(chosen)
    assert len(secret) == 43
    assert inheritance.channel_secret(chosen) == secret
    key = tmp_path / "data" / "channel.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in key.parent.iterdir()] == ["channel.key"]


def test_all_first_comers_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its own pid; here threads pretend."""
    monkeypatch.setattr(os, "getpid", threading.get_ident)
    for attempt in range(20):
        chosen, found = settings(tmp_path / str(attempt)), []
        (tmp_path / str(attempt)).mkdir()
        start = threading.Barrier(4)

        def come(chosen: Settings = chosen, found: list[str] = found, start: threading.Barrier = start) -> None:
            start.wait()
            found.append(inheritance.channel_secret(chosen))

        threads = [threading.Thread(target=come) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1


def test_a_key_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert inheritance.channel_secret(settings(tmp_path, str(tmp_path / "key"))) == "k" * 40


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_key_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "channel.key").write_bytes(content)
    with pytest.raises(HubgateError, match=r"channel\.key"):
        inheritance.channel_secret(settings(tmp_path))


def test_a_place_where_no_key_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HubgateError, match="cannot be used"):
        inheritance.channel_secret(settings(tmp_path, str(tmp_path / "file" / "key")))
