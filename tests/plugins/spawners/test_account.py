from __future__ import annotations

import os
import pwd

import pytest

from plugins.spawners import account


def test_it_is_the_gateways_own_user() -> None:
    entry = pwd.getpwuid(os.geteuid())
    assert account.own({}) == account.Account(os.geteuid(), entry.pw_name, entry.pw_dir, entry.pw_shell)
    assert account.own({"HOME": "/elsewhere"}).home == "/elsewhere"


def test_a_number_without_an_entry_is_somebody_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_001)
    assert account.own({}) == account.Account(4_000_000_001, "4000000001", "/", "/bin/sh")
    assert account.own({"HOME": "/h", "USER": "u"}).variables() == {
        "HOME": "/h", "USER": "u", "LOGNAME": "u", "SHELL": "/bin/sh",
    }  # fmt: skip
