"""Which profiles a user may start, and what a spawner gets of one server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from gateway.errors import BadInput
from gateway.model import Launch, Profile, Server, User
from gateway.routes import server_url

HUB_AWARE = "jupyterhub"
"""Stands for the secret of a server that needs none, because it asks the hub itself."""


def offered(profiles: Sequence[Profile], user: User) -> list[Profile]:
    """Those without groups, and those with one of the user's. The first is the default."""
    return [each for each in profiles if not each.groups or not set(each.groups).isdisjoint(user.groups)]


def chosen(profiles: Sequence[Profile], user: User, name: str, before: str = "") -> Profile:
    """The profile `name`; without a name that of the last time, else the default."""
    choice = {each.name: each for each in offered(profiles, user)}
    if not choice:
        raise BadInput("there is no profile that you may start", key="no-profile")
    if name:
        if name not in choice:
            raise BadInput(
                f"there is no profile {name[:64]!r}; there are: {', '.join(choice)}",
                key="unknown-profile",
                about={"name": name[:64], "known": ", ".join(choice)},
            )
        return choice[name]
    return choice.get(before) or next(iter(choice.values()))


def of_record(profiles: Sequence[Profile], server: Server) -> Profile:
    """The profile of a server that runs. It goes on when the settings have lost its profile."""
    for each in profiles:
        if each.name == server.profile:
            return each
    auth: Literal["token", "none", "jupyterhub"] = "token" if server.secret else "none"
    if server.secret == HUB_AWARE:
        auth = "jupyterhub"
    return Profile(name=server.profile, display_name=server.profile, command=(), auth=auth)


def launch(server: Server, profile: Profile, base_path: str, log_file: Path) -> Launch:
    return Launch(
        server=server,
        profile=profile,
        base_url=server_url(base_path, server.user, server.name),
        log_file=str(log_file),
        allow_root=os.geteuid() == 0,
    )
