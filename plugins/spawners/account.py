"""Whose processes local servers are: with `user = "same"`, the gateway's own user."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    name: str
    home: str
    shell: str

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
