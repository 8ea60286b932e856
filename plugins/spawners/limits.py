"""A profile's limits as the kernel takes them, and as a shell sets them on itself before it becomes the program.

From outside they could be set too, but on another user's process only with a right
that root does not have in most containers.
"""

from __future__ import annotations

import resource

from gateway.errors import StartFailed
from gateway.model import Profile

CPU_SLACK = 5
"""Seconds between SIGXCPU, which a program may use to save its work, and SIGKILL."""

type Limits = dict[int, tuple[int, int]]
"""By resource: what holds, and how far the process may raise that itself."""

KINDS = {
    resource.RLIMIT_DATA: ("memory", "d", 1024),
    resource.RLIMIT_CPU: ("cpu_seconds", "t", 1),
    resource.RLIMIT_NOFILE: ("open_files", "n", 1),
}
"""The profile's key, the shell's flag, and its unit."""


def of(profile: Profile, *, grouped: bool) -> Limits:
    """`grouped`: memory is limited for all processes together, by their control group.

    `RLIMIT_DATA` counts what a process may write to; `RLIMIT_AS` would count what it only
    reserves, which V8 and WebAssembly do by the terabyte.
    """
    found: Limits = {}
    if profile.memory and not grouped:
        found[resource.RLIMIT_DATA] = (profile.memory, profile.memory)
    if profile.cpu_seconds:
        found[resource.RLIMIT_CPU] = (profile.cpu_seconds, profile.cpu_seconds + CPU_SLACK)
    if profile.open_files:
        found[resource.RLIMIT_NOFILE] = (profile.open_files, profile.open_files)
    for number, (_, most) in found.items():
        _, ours = resource.getrlimit(number)
        if ours != resource.RLIM_INFINITY and most > ours:
            raise StartFailed(
                f"The profile's {KINDS[number][0]} is above the gateway's own limit, which is {ours}",
                key="start-limit",
                about={"limit": KINDS[number][0], "most": str(ours)},
            )
    return found


def script(limits: Limits) -> str:
    """The shell's commands, each followed by `&&`. What may be raised again is lowered last."""
    commands = [
        f"ulimit -{kind} -{flag} {value // unit} && "
        for number, (soft, hard) in limits.items()
        for _, flag, unit in [KINDS[number]]
        for kind, value in (("S", soft), ("H", hard))
    ]
    return "".join(commands)
