"""Does a server answer? One plain GET, judged by its status line."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

from gateway.model import Launch

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for one attempt."""
SOONEST, LATEST = 0.03, 0.25
"""Seconds between attempts, which become rarer. One costs a fifth of a millisecond, and a person waits."""
LINE = 8192


async def until_ready(launch: Launch) -> None:
    """Ask again and again until the server answers, with its secret accepted."""
    pause = SOONEST
    while not await _is_ready(launch):
        await asyncio.sleep(pause)
        pause = min(LATEST, pause * 1.3)


async def _is_ready(launch: Launch) -> bool:
    """The status that the profile names counts, else any below 500; 401 and 403 do not when we came with the secret."""
    target, profile = launch.server.target, launch.profile
    if target is None:
        return False
    secret = target.secret if profile.auth == "token" else ""
    try:
        async with asyncio.timeout(PATIENCE):
            if profile.ready == "port":
                return await listens(target.url)
            status = await get(target.url, launch.root + profile.ready_path.lstrip("/"), secret)
    except (OSError, TimeoutError, ValueError, EOFError) as error:
        log.debug("%s does not answer yet: %s", launch.server.full_name, error)
        return False
    if profile.ready_status:
        return status == profile.ready_status
    return status < 500 and not (secret and status in (401, 403))


async def listens(url: str) -> bool:
    """Does somebody take connections there? `OSError` if not."""
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.transport.abort()
    return True


async def get(url: str, path: str, secret: str = "") -> int:
    """The status of `GET {url}{path}`; `OSError`, `ValueError` or `EOFError` if there is none."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=LINE)
    try:
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\nAccept: */*\r\n"
        if secret:
            head += f"Authorization: token {secret}\r\n"
        writer.write((head + "\r\n").encode("ascii"))
        await writer.drain()
        line = await reader.readuntil(b"\r\n")
        version, _, rest = line.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise ValueError(f"no HTTP: {line[:40]!r}")
        return int(rest[:3])
    except asyncio.LimitOverrunError as error:
        raise ValueError(f"no HTTP: {error}") from None
    finally:
        writer.transport.abort()
