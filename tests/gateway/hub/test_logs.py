"""The servers' log files: names that cannot leave the folder, tails, removal."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.hub import logs
from gateway.model import Server, checked_name


def test_names() -> None:
    assert logs.name("alice", "") == "alice.log"
    assert logs.name("alice", "gpu") == "alice@gpu.log"
    assert logs.name("alice@gpu", "") == "alice%40gpu.log"
    assert logs.name("x/../y", "") == "x%2F..%2Fy.log"
    assert logs.of(Path("/l"), Server("ü", "")) == Path("/l/%C3%BC.log")


def test_long_names_stay_different_and_short() -> None:
    names = {logs.name("ü" * 120 + end, server) for end in ("a", "b") for server in ("", "gpu")}
    assert len(names) == 4
    assert all(len(name) < 160 for name in names)


@given(st.text(min_size=1, max_size=300))
def test_no_name_leaves_the_folder(user: str) -> None:
    """Whatever a user may be called, the file is one entry of the folder."""
    try:
        user = checked_name(user)
    except BadInput:
        return
    name = logs.name(user, "")
    assert "/" not in name and "\0" not in name and name not in (".", "..") and len(name.encode()) < 255


@given(st.sampled_from(["a", "a@b", "a+b", "a.log", "%40"]), st.sampled_from(["", "b", "a-b"]))
def test_no_two_servers_share_a_file(user: str, server: str) -> None:
    everybody = [(u, s) for u in ("a", "a@b", "a+b", "a.log", "%40") for s in ("", "b", "a-b")]
    assert [each for each in everybody if logs.name(*each) == logs.name(user, server)] == [(user, server)]


def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    made = logs.made_folder(tmp_path)
    assert made == logs.folder(tmp_path)
    assert made.stat().st_mode & 0o777 == 0o700


def test_tail(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert logs.tail(log, 5) == []
    log.write_bytes(b"one\ntwo\n\xff\xfe three\n")
    assert logs.tail(log, 2) == ["two", "\ufffd\ufffd three"]
    assert logs.tail(log, 0) == []
    assert logs.tail(log, 100)[0] == "one"


def test_a_tail_begins_in_what_was_put_aside(tmp_path: Path) -> None:
    (tmp_path / "x.log.1").write_text("one\ntwo\n")
    assert logs.tail(tmp_path / "x.log", 5) == ["one", "two"]
    (tmp_path / "x.log").write_text("three\n")
    assert logs.tail(tmp_path / "x.log", 2) == ["two", "three"]


def test_a_huge_log_is_not_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(50_000)))
    lines = logs.tail(log, 100_000)
    assert sum(map(len, lines)) < logs.TAIL
    assert lines[0].startswith("line ") and lines[-1] == "line 49999", "no half line at the beginning"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "x.log").symlink_to(secret)
    assert logs.tail(tmp_path / "x.log", 5) == []


def test_forgetting_takes_the_older_parts_along(tmp_path: Path) -> None:
    for name in ("x.log", "x.log.1", "x.log.12", "y.log"):
        (tmp_path / name).touch()
    logs.forget(tmp_path / "x.log")
    logs.forget(tmp_path / "x.log")
    assert [path.name for path in tmp_path.iterdir()] == ["y.log"]


def test_a_services_log_is_called_like_the_service() -> None:
    assert logs.of_service(Path("/data"), "culler") == Path("/data/logs/services/culler.log")


def test_the_size_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    assert logs.size(path) == 0
    path.write_bytes(b"12345")
    assert logs.size(path) == 5
