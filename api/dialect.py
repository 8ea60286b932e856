"""The two dialects of the REST API: the same resources and hub objects, in two shapes. Pure.

`JUPYTERHUB` is `{base}hub/api`, what JupyterHub 6.1.1 answers. `OURS` is `{base}api`, as
`docs/api.md` describes it. Whatever is different in all resources stands here; a resource
asks `req.dialect` where its own answer has two shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway.errors import Forbidden, HubgateError, NotFound


class LoginNeeded(HubgateError):
    """Nobody is known to be calling."""

    status = 403


@dataclass(frozen=True, slots=True)
class Dialect:
    name: str
    path: str
    """Where it begins, below the base path."""
    anonymous: int
    """The status for a call without a valid credential."""
    hides: bool
    """A scope that is held for other resources only: 404, so that nobody learns what exists; else 403."""
    phrased: bool
    """Messages of errors begin with the status in words."""
    linked: bool
    """Lists are bare, and a `Link` header leads to the next page; else the caller may ask for `items`."""

    def error(self, status: int, message: str) -> dict[str, Any]:
        """The body of an answer that is an error."""
        if self.phrased:
            phrase = HTTPStatus(status).phrase
            message = phrase if message in ("", phrase) else f"{phrase}: {message}"
        return {"status": status, "message": message}

    def not_yours(self, missing: Forbidden) -> HubgateError:
        """For a scope that is held, but not for this resource; `missing` says that it is not held."""
        return NotFound("No access to resources or resources not found") if self.hides else missing


JUPYTERHUB = Dialect("JupyterHub", "hub/api", anonymous=403, hides=True, phrased=False, linked=False)
OURS = Dialect("Hubgate", "api", anonymous=401, hides=False, phrased=True, linked=True)
DIALECTS = (JUPYTERHUB, OURS)


def dialect_of(path: str, base: str) -> Dialect | None:
    """The dialect of a routable path, if it is of the API."""
    for dialect in DIALECTS:
        begin = base + dialect.path
        if path.startswith(begin) and path[len(begin) : len(begin) + 1] in ("", "/"):
            return dialect
    return None


@dataclass(frozen=True, slots=True)
class Varies:
    """Something that is declared for each dialect."""

    jupyterhub: Any
    ours: Any

    @staticmethod
    def of(declared: Any, dialect: Dialect) -> Any:
        if not isinstance(declared, Varies):
            return declared
        return declared.jupyterhub if dialect is JUPYTERHUB else declared.ours
