"""The pages of a gateway with few users, and of one with many: what each costs the hub."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.benchmarks import load
from tests.benchmarks.hubs import Hubgate
from tests.benchmarks.measure import Sample
from tests.benchmarks.peers import Target

FEW, MANY = 100, 50_000
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
PAGES = {
    "home": "hub/home",
    "list": "hub/admin/users",
    "list-middle": "hub/admin/users?offset={middle}",
    "list-sorted": "hub/admin/users?sort=-last_activity",
    "list-by-name": "hub/admin/users?sort=-name",
    "list-found": "hub/admin/users?q=user-",
    "list-one": "hub/admin/users?q=user-00077",
    "list-nothing": "hub/admin/users?q=nobody-of-that-name",
    "list-active": "hub/admin/users?state=active",
}


class Crowded(Hubgate):
    """A gateway into whose database so many users are written, who were there in no order."""

    def __init__(self, folder: Path, users: int) -> None:
        super().__init__(folder)
        self.users = users

    def start(self) -> None:
        with self.gateway:
            pass  # makes the database
        rows = ((f"user-{number:05}", number, (number * 7919) % self.users + 1) for number in range(self.users))
        with closing(sqlite3.connect(self.gateway.data_dir / "hubgate.sqlite")) as database, database:
            database.executemany(
                "INSERT INTO users (name, admin, disabled, removing, created, last_activity) VALUES (?, 0, 0, 0, ?, ?)",
                rows,
            )
        self.gateway.output("run", "out").unlink()
        super().start()

    def page(self, name: str) -> Target:
        path = PAGES[name].format(middle=self.users // 2)
        headers = {**self.headers, **NAVIGATION, "Accept": "text/html"}
        return Target(self.port, f"/{path}", headers)


def look(hub: Crowded, name: str, seconds: int) -> Sample:
    """One administrator, who looks again and again."""
    return load.requests(hub, hub.page(name), 1, seconds)
