"""Calls to the kernel, shown by real processes."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.sockets


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=30, check=True
    )


ADOPT = """
import os, subprocess, sys, time
from gateway import kernel
kernel.adopt_orphans()
# The child starts a grandchild and ends at once.
inner = "import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=-3).pid)"
pid = int(subprocess.run([sys.executable, "-c", inner], stdout=-1).stdout)
with open(f"/proc/{pid}/stat") as stat:
    print(int(stat.read().split()[3]) == os.getpid())
os.kill(pid, 9)
print(os.waitpid(pid, 0)[0] == pid)
"""


def test_orphans_become_ours() -> None:
    assert python(ADOPT).stdout.split() == ["True", "True"]


PARENT = """
import os, subprocess, signal, sys
from gateway import kernel
me = os.getpid()
child = subprocess.Popen(["sleep", "60"], preexec_fn=lambda: kernel.die_with_parent(signal.SIGTERM, me))
print(child.pid, flush=True)
os.kill(me, signal.SIGKILL)
"""


def test_a_child_goes_with_its_parent() -> None:
    parent = subprocess.run([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, timeout=30, check=False)
    assert parent.returncode == -signal.SIGKILL
    stat = Path(f"/proc/{int(parent.stdout)}/stat")
    deadline = time.monotonic() + 5
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)


ORPHAN = """
from gateway import kernel
kernel.die_with_parent(15, os.getppid() + 1)
print("still here")
"""


def test_a_child_whose_parent_went_before_it_asked_ends() -> None:
    done = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_all_files_that_we_may_have() -> None:
    code = "import resource; from gateway import kernel; kernel.raise_file_limit(); "
    code += "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert python(
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard})); {code}"
    ).stdout.split() == [
        str(hard),
        str(hard),
    ]
