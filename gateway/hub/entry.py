"""Who may log in, and who is an administrator: the settings' word and the store's. Pure."""

from __future__ import annotations

from gateway.model import User
from gateway.settings import AuthenticatorSettings


class Entry:
    def __init__(self, settings: AuthenticatorSettings) -> None:
        self._blocked = frozenset(settings.blocked_users)
        self._admins = frozenset(settings.admin_users)
        self._invited = frozenset(settings.allowed_users) | self._admins
        self._anyone = settings.allow_all

    def is_barred(self, name: str) -> bool:
        """Nobody of this name may ever enter."""
        return name in self._blocked

    def is_named(self, name: str) -> bool:
        """The settings mean somebody by this name."""
        return name in self._invited

    def may_log_in(self, user: User | None, name: str) -> bool:
        """`user` is the record, or None for a newcomer. Judged at log-in and at every request."""
        if name in self._blocked:
            return False
        if user is not None:
            return not user.disabled and not user.removing
        return self._anyone or name in self._invited

    def is_admin(self, user: User) -> bool:
        """By the store, or because the settings say so."""
        return user.admin or user.name in self._admins
