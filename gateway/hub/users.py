"""Users: who there is, who may enter, and how one is removed."""

from __future__ import annotations

from gateway.model import User


class Users:
    async def get(self, name: str) -> User | None:
        """The user; `admin` is true as well for those whom the settings name."""
        raise NotImplementedError

    async def listing(self, offset: int = 0, limit: int = 200) -> list[User]:
        raise NotImplementedError

    async def count(self) -> int:
        raise NotImplementedError

    async def add(self, name: str, admin: bool = False, by: str = "") -> User:
        """Make a user. BadInput for the name, Conflict when there is one."""
        raise NotImplementedError

    async def set_admin(self, name: str, admin: bool, by: str = "") -> None:
        raise NotImplementedError

    async def set_disabled(self, name: str, disabled: bool, by: str = "") -> None:
        """A disabled user's sessions end and servers stop."""
        raise NotImplementedError

    async def remove(self, name: str, by: str = "") -> None:
        """Lock out, stop every server, forget everywhere. NotFound."""
        raise NotImplementedError

    def may_log_in(self, user: User | None, name: str) -> bool:
        """contracts, "Who may log in": `user` is the record, or None for a newcomer."""
        raise NotImplementedError
