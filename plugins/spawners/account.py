"""Whose processes local servers are: the gateway's own user's, or those of the system's user of the same name."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import StartFailed


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    name: str
    home: str
    shell: str
    gid: int = -1
    groups: tuple[int, ...] = ()

    @property
    def other(self) -> bool:
        """Somebody else than the gateway's own user."""
        return self.gid >= 0

    def variables(self) -> dict[str, str]:
        """What a log-in would have put into the environment."""
        return {"HOME": self.home, "USER": self.name, "LOGNAME": self.name, "SHELL": self.shell}


def own(environ: Mapping[str, str]) -> Account:
    """The gateway's user. A container may run under a number that has no entry."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid, environ.get("USER") or str(uid), environ.get("HOME") or "/", "/bin/sh")
    return Account(uid, entry.pw_name, environ.get("HOME") or entry.pw_dir, entry.pw_shell or "/bin/sh")


def of_system(name: str, min_uid: int) -> Account:
    """The system's user of that name, with all groups; `StartFailed` when there is none that may have servers.

    Below `min_uid` are root and the system's own accounts, whose names anybody may have chosen at a sign-up.
    """
    if os.geteuid() != 0:
        raise StartFailed(
            'Servers of system users ([spawner.local] user = "system") need a gateway that runs as root',
            key="start-needs-root",
        )
    try:
        entry = pwd.getpwnam(name)
        groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    except (KeyError, ValueError, OSError) as error:
        raise StartFailed(
            f"This machine has no user {name!r}, whose server it would be", key="start-no-account", about={"name": name}
        ) from error
    if entry.pw_name != name:
        raise StartFailed(
            f"This machine has no user {name!r}; the nearest is {entry.pw_name!r}",
            key="start-near-account",
            about={"name": name, "near": entry.pw_name},
        )
    if entry.pw_uid == 0 or entry.pw_uid < min_uid:
        raise StartFailed(
            f"{name!r} is an account of the system itself, which may not have servers",
            key="start-system-account",
            about={"name": name},
        )
    return Account(
        entry.pw_uid, entry.pw_name, entry.pw_dir, entry.pw_shell or "/bin/sh", entry.pw_gid, tuple(sorted(set(groups)))
    )
