"""Every route of the app, read off the app itself, so that what a test says of all holds for those to come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import MagicMock

import falcon
from falcon import inspect

from api.app import create_app
from api.dialect import dialect_of

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")
FIELDS = {
    "user": "alice",
    "owner": "bob",
    "server": "gpu",
    "which": "gpu",
    "group": "team",
    "service": "wiki",
    "name": "eve",
    "token": "1",
    "session": "1",
    "number": "1",
    "capture": "x",
    "code": "x",
    "value": "x",
    "form": "har",
    "path": "wiki/",
    "rest": "lab",
    "request": "1",
}
"""What stands for the fields of paths. A new kind of field is added here."""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    def path(self, fields: Mapping[str, str] = FIELDS) -> str:
        """Below the base path, with something in place of each field."""
        return FIELD.sub(lambda field: fields[field[1]], self.template)

    @property
    def of_api(self) -> bool:
        return dialect_of(f"/{self.template}", "/") is not None and self.template != "hub/api/oauth2/authorize"


@cache
def routes() -> tuple[Route, ...]:
    """All that answer a method themselves; the base path is `/`."""
    found = set()
    for route in inspect.inspect_routes(_app()):
        for each in route.methods:
            if not each.internal:
                found.add(Route(each.method, route.path.removeprefix("/")))
    return tuple(sorted(found, key=str))


def changing() -> list[Route]:
    return [route for route in routes() if route.method in CHANGING]


def pages() -> list[Route]:
    """Where a person can go."""
    open_to_all = ("hub/static/", "hub/health", "hub/metrics")
    return [
        route
        for route in routes()
        if route.method == "GET" and not route.of_api and not route.template.startswith(open_to_all)
    ]


def _app() -> falcon.App[Any, Any]:
    """The app over a hub that is none: nothing is asked of it before a request comes."""
    hub = MagicMock()
    hub.settings.gateway.base_path = "/"
    hub.settings.gateway.public_url = ""
    found: Any = create_app(hub)
    while not isinstance(found, falcon.App):
        found = found.app
    return found
