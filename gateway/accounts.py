"""Users as they are listed and shown, and which of them are wanted. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import Server, User


@dataclass(frozen=True, slots=True)
class Account:
    """A user as it is shown: with the roles given to it, and its servers' records."""

    user: User
    roles: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()


USER_STATES = ("active", "ready", "inactive")
USER_ORDERS = ("id", "-id", "name", "-name", "last_activity", "-last_activity")


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which users are wanted, and which part of them."""

    offset: int = 0
    limit: int = 200
    state: str = ""
    """One of `USER_STATES`; "" = any."""
    name: str = ""
    """A part of the name, normalised."""
    sort: str = "id"
    """One of `USER_ORDERS`."""
    users: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    """Only these users and those in these groups; both None: all."""
    stopped: bool = False
    """With the records of servers that do not run."""
    counted: bool = False
    """The number of all is needed."""
