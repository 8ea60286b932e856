"""A child process of the supervisor: how it is started, and when it may start again.

Nothing here waits: the supervisor alone reaps, so that no exit code is lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway import inheritance, kernel
from gateway.inheritance import Inherited

RESTART = 75
"""Exit code of a hub that was told by SIGHUP to leave and be started again."""

DOWN = 76
"""Exit code of a hub that was told to end alone, and not to be started again."""

STABLE = 5.0
"""Seconds at work after which an exit is no part of a crash loop."""

SLOWEST = 30.0
"""Longest pause between two starts."""

LAST_SIGNAL = {"hub": signal.SIGHUP}
"""What a child gets when the supervisor dies. The hub must leave its servers running; a worker drains."""


def pause(failures: int) -> float:
    """Seconds before the next start: none after the first failure, then ever more."""
    return 0.0 if failures <= 1 else min(SLOWEST, 0.25 * 2.0 ** (failures - 1))


def described(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A process that loads its program, and then waits to be told what it inherits."""

    process: subprocess.Popen[bytes]
    document_fd: int
    """What it inherits is written here."""
    ready_fd: int
    """It says here that it is ready …"""
    ready_there: int
    """… by writing to this descriptor of its own."""

    def discard(self) -> None:
        """It is not wanted, or gone."""
        os.close(self.document_fd)
        os.close(self.ready_fd)


def prepare(role: str, argv: Sequence[str], listeners: Sequence[int]) -> Prepared:
    """Start a process for `role`, or `OSError`. It gets the listeners and no other descriptor of ours."""
    document, document_fd = os.pipe()
    ready_fd, ready = os.pipe()
    os.set_blocking(ready_fd, False)
    me, last_signal = os.getpid(), LAST_SIGNAL.get(role, signal.SIGTERM)
    try:
        process = subprocess.Popen(
            [*argv, "--inherit", str(document)],
            stdin=subprocess.DEVNULL,
            pass_fds=(document, ready, *listeners),
            # Ctrl-C in a terminal is for the supervisor, who then tells the others.
            process_group=0,
            preexec_fn=lambda: kernel.die_with_parent(last_signal, me),  # noqa: PLW1509  # we have one thread
        )
    except OSError:
        os.close(document_fd)
        os.close(ready_fd)
        raise
    finally:
        os.close(document)
        os.close(ready)
    return Prepared(process, document_fd, ready_fd, ready)


@dataclass
class Child:
    """The hub (`number` 0) or a worker (from 1), over all its restarts."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    """When this process was started; by the monotonic clock, as all times here."""
    ready_since: float | None = None
    ready_fd: int = -1
    failures: int = 0
    """Starts in a row that did not last."""
    restart_asked: bool = False
    """It was told to leave, so its exit is no failure."""

    @property
    def role(self) -> str:
        """The subcommand that it runs."""
        return "proxy" if self.number else "hub"

    @property
    def name(self) -> str:
        return f"worker-{self.number}" if self.number else "hub"

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def running(self) -> bool:
        return self.process is not None

    @property
    def ready(self) -> bool:
        return self.ready_since is not None

    def start(self, prepared: Prepared, make: Callable[[int], Inherited], now: float) -> None:
        """Let that process be this child; `make(fd)` gives what it inherits, `fd` being where it says "ready"."""
        self.process = prepared.process
        self.started, self.ready_since, self.ready_fd = now, None, prepared.ready_fd
        self.restart_asked = False
        with contextlib.suppress(BrokenPipeError):  # it is dead already; its exit will tell
            inheritance.write(prepared.document_fd, make(prepared.ready_there))

    def signal(self, number: int) -> None:
        """Send a signal. The pid is ours until the supervisor has reaped it."""
        if self.process is not None:
            os.kill(self.process.pid, number)

    def ended(self, code: int, now: float) -> float:
        """It was reaped. Gives the seconds to wait before it is started again."""
        if self.process is not None:
            self.process.returncode = code  # or Popen would wait for it, too late
        lasted = self.ready_since is not None and now - self.ready_since >= STABLE
        asked = self.restart_asked
        self.process, self.ready_since = None, None
        self.failures = 0 if asked else 1 if lasted else self.failures + 1
        return pause(self.failures)
