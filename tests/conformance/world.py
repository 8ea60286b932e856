"""The world that both hubs begin with, as plain values."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.conformance.call import MONITOR_VALUE

SERVER = str(Path(__file__).with_name("server.py"))

ADMIN = "admin"
PASSWORD = "a password for both"
USERS = ("alice", "bob", "carol", "dave")
GROUPS = {"students": ("alice", "bob"), "teachers": ("carol",)}
SERVERS_PER_USER = 3
SLOW = 12
"""Seconds of a slow start: longer than the ten that both hubs wait before they answer 202."""

PROFILES = {
    "plain": (),
    "slow": ("--delay", str(SLOW)),
    "broken": ("--broken",),
    "aware": (),
}

MONITOR = "monitor"

BACK = "https://app.example/back"
SERVICES = (
    {
        "name": MONITOR,
        "api_token": MONITOR_VALUE,
        "oauth_redirect_uri": BACK,
        "oauth_client_allowed_scopes": ["read:users!user", "tokens!user"],
    },
)
ROLES = ({"name": "monitor", "scopes": ["list:users", "read:users:activity", "read:servers"], "services": [MONITOR]},)


def command(profile: str, *address: str) -> list[str]:
    return [sys.executable, SERVER, *address, *PROFILES[profile]]
