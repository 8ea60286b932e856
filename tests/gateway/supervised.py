"""A supervisor with small real children, for its tests.

It runs in a process of its own; its hub and workers are the script `CHILD`, whose
behaviour a test sets by files in the folder (`wish`), and which notes what happens
to it there.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from gateway import runfiles

CHILD = """
import json, os, signal, socket, sys, time
folder, role, fd = sys.argv[1], sys.argv[2], int(sys.argv[4])
if os.path.exists(f"{folder}/slow") and role == "proxy":
    time.sleep(2)
document = json.load(os.fdopen(fd))
name = f"worker-{document['worker']}" if role == "proxy" else "hub"

def note(text):
    with open(f"{folder}/{name}.log", "a") as file:
        file.write(f"{os.getpid()} {text}\\n")

def wish(what):
    path = f"{folder}/{name}.{what}"
    return open(path).read() if os.path.exists(path) else ""

def end(number, frame):
    note(signal.Signals(number).name)
    if not wish("stubborn"):
        os._exit(75 if number == signal.SIGHUP and role == "hub" else 0)

def told(number, frame):
    note(signal.Signals(number).name)

for each in (signal.SIGTERM, signal.SIGINT):
    signal.signal(each, end)
signal.signal(signal.SIGHUP, end if role == "hub" else told)
note(json.dumps(document))
if wish("exit"):
    sys.exit(int(wish("exit")))
if wish("kill"):
    os.kill(os.getpid(), 9)
if wish("orphan"):
    import subprocess
    note("orphan %d" % subprocess.Popen(["sleep", "60"], start_new_session=True).pid)
with open(f"{folder}/{name}.pid", "w") as file:
    file.write(f"{os.getpid()}\\n")
if not wish("mute"):
    os.write(document["ready"], b"ready\\n")
os.close(document["ready"])
listeners = [socket.socket(fileno=fd) for fd in document["listeners"]]
while True:
    if not listeners:
        time.sleep(0.05)
        continue
    listeners[0].setblocking(True)
    connection, _ = listeners[0].accept()
    connection.sendall(f"{name} {os.getpid()}".encode())
    connection.close()
"""

DRIVER = """
import json, sys
from pathlib import Path
from gateway import log, supervisor
from gateway.errors import HubgateError, SettingsError
from gateway.settings import Settings

folder = Path(sys.argv[1])

def read():
    text = (folder / "settings.json").read_text()
    if not text.startswith("{"):
        raise SettingsError(["a: first mistake", "b: second mistake"])
    settings = Settings.model_validate_json(text)
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data_dir": folder / "data"})})

log.set_up("supervisor")
for name in ("START_TIMEOUT", "GRACE", "LEAVE", "HURRY", "SPARE"):
    if (folder / name).exists():
        setattr(supervisor, name, float((folder / name).read_text()))
try:
    sys.exit(supervisor.run(
        read(), reread=read, announce=lambda text: print(text, flush=True),
        command=lambda role: [sys.executable, "-S", str(folder / "child.py"), str(folder), role],
    ))
except HubgateError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""


class Supervised:
    """A supervisor and its children, by their traces in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "child.py").write_text(CHILD)
        self.settings: dict[str, Any] = {"gateway": {"bind": "127.0.0.1:0", "drain_seconds": 1}}
        self.process: subprocess.Popen[str] | None = None

    def start(self, ready: bool = True) -> Self:
        self.write()
        with (self.folder / "err").open("a") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(self.folder)], stdout=subprocess.PIPE, stderr=err, text=True
            )
        if ready:
            assert self.process.stdout
            self.line = self.process.stdout.readline()
            assert self.line, self.said()
        return self

    def write(self, **sections: Any) -> None:
        (self.folder / "settings.json").write_text(json.dumps(self.settings | sections))

    def wish(self, name: str, what: str, text: str = "1") -> Path:
        path = self.folder / f"{name}.{what}"
        path.write_text(text)
        return path

    def notes(self, name: str) -> list[str]:
        path = self.folder / f"{name}.log"
        return path.read_text().splitlines() if path.exists() else []

    def documents(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line.partition(" ")[2]) for line in self.notes(name) if "{" in line]

    def orphans(self) -> list[int]:
        return [int(line.split()[2]) for line in self.notes("hub") if line.split()[1] == "orphan"]

    def pid(self, name: str) -> int:
        return runfiles.read_pid(self.folder / f"{name}.pid") or 0

    def said(self) -> str:
        return (self.folder / "err").read_text()

    def port(self) -> int:
        return int(self.line.rstrip("/\n").rpartition(":")[2])

    def ask(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port()), timeout=10) as connection:
            return connection.recv(100).decode()

    def send(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process
        return self.process.wait(20)

    def children(self) -> list[int]:
        assert self.process
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in text.split()]


def eventually(true: Callable[[], object], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Running, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
