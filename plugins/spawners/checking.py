"""Before a server counts as ready: is it the one that answers, and does it ask for its secret?"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gateway.errors import StartFailed
from gateway.model import Launch
from plugins.spawners import jupyter, probe, procfs
from plugins.spawners.ports import LOOPBACK

logger = logging.getLogger(__name__)


def port(number: int, pids: Sequence[int], launch: Launch) -> None:
    """Whoever listens where the gateway will dial must be of this start. Blocks."""
    listening = procfs.listeners(number)
    answering = [each for each in listening if procfs.reached_by_loopback(each.address)]
    if not answering:
        raise StartFailed(
            f"The server does not listen on {LOOPBACK}:{number}, the port it was given",
            key="start-unheard",
            about={"port": str(number)},
        )
    own = {inode for pid in pids for inode in procfs.sockets(pid)}
    if not all(each.inode in own for each in answering):
        raise StartFailed(
            f"Another process answers on port {number}, which was given to the server",
            key="start-other",
            about={"port": str(number)},
        )
    for each in listening:
        if each.inode in own and not procfs.loopback(each.address):
            logger.warning(
                "server %s listens on %s port %d, where the network reaches it past the gateway: "
                "the command of profile %r should say {ip}",
                launch.server.full_name,
                each.address,
                number,
                launch.profile.name,
            )


async def secret(number: int, launch: Launch) -> None:
    """A server that was given a secret must refuse whoever does not know it."""
    try:
        if not 200 <= await probe.status(number, _path(launch, launch.profile.ready_path)) < 300:
            return
        # Jupyter's `api` is open to all. Its status page is not, and no other server has one.
        if await probe.status(number, _path(launch, jupyter.PRIVATE_PATH)) in (401, 403):
            return
    except (OSError, TimeoutError) as error:
        raise StartFailed(
            f"The server stopped answering while it was checked: {error}", key="start-silent", about={"why": str(error)}
        ) from error
    raise StartFailed(
        f"The server answers without its secret. If its profile {launch.profile.name!r} is to need none, "
        'the profile must say auth = "none"',
        key="start-open",
        about={"profile": launch.profile.name},
    )


def _path(launch: Launch, path: str) -> str:
    return launch.root + path.lstrip("/")
