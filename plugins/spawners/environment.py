"""The environment of a local server: an allow-list, then the profile's, then ours. Pure.

The gateway's own environment holds its secrets, so nothing passes that is not
named here. `PYTHON*` does not pass: it would load the gateway's code into servers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.model import Profile

PASSED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR")
PASSED_PREFIX = "LC_"

START_ID = "SERVER_START_ID"
"""Marks every process of one start, for ever: this is how orphans are found."""
PORT = "SERVER_PORT"
"""So that a server whose record was lost can be adopted."""
TOKEN = "JUPYTER_TOKEN"  # noqa: S105  # a variable's name

SERVICE_URL = "JUPYTERHUB_SERVICE_URL"
"""Where a hub-aware server is to listen."""

OURS = (START_ID, PORT)
OURS_PREFIX = "HUBGATE_"


def passed(environ: Mapping[str, str]) -> dict[str, str]:
    """What of the gateway's own environment a server may see."""
    return {key: value for key, value in environ.items() if key in PASSED or key.startswith(PASSED_PREFIX)}


def search_path(own: Sequence[str], path: str) -> str:
    """`path` with the gateway's own programs first: `jupyter` is the one beside us."""
    folders = [*own, *path.split(":")]
    return ":".join(dict.fromkeys(folder for folder in folders if folder))


def of_profile(profile: Profile, fill: Callable[[str], str]) -> dict[str, str]:
    """The profile's own variables, but for those that are not its to set."""
    return {
        key: fill(value) for key, value in profile.env.items() if key not in OURS and not key.startswith(OURS_PREFIX)
    }


def marks(start_id: str, port: str) -> dict[str, str]:
    """What no profile can override, as adoption and stopping rely on it."""
    return {START_ID: start_id, PORT: port}


def mistakes(profile: Profile) -> list[str]:
    """A line for each key of `profile.env` that cannot be set, or not by a profile."""
    found = []
    for key, value in profile.env.items():
        if not key or "=" in key or "\0" in key + value:
            found.append(f"env.{key!r}: not a name and value that an environment can hold")
        elif key in OURS or key.startswith(OURS_PREFIX):
            found.append(f"env.{key}: is set by the gateway or kept from servers")
        elif key == TOKEN and profile.auth == "token":
            found.append(f'env.{key}: with auth = "token" the gateway sets it to a secret of its own')
    return found
