"""The very first start: somebody must be able to log in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from gateway.errors import BadInput, SettingsError
from gateway.hub.core import Hub
from gateway.hub.passwords import keeper_of

NAME = "admin"
VARIABLE = "HUBGATE_ADMIN_PASSWORD"


async def make_admin(hub: Hub, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """While there is no user at all, and passwords are kept here, make the user `admin`.

    The password is said before it is kept: one that nobody has read is of no use.
    """
    keeper = keeper_of(hub.authenticators)
    if keeper is None or await hub.users.count():
        return
    password = environ.get(VARIABLE, "")
    if not password:
        password = secrets.token_urlsafe(15)
        say(f"admin user: {NAME}\nadmin password: {password}\n")
    try:
        await keeper.set_password(NAME, password)
    except BadInput as error:
        raise SettingsError([f"environment {VARIABLE}: {error.message}"]) from None
    await hub.users.add(NAME, admin=True)
