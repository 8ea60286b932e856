"""Is a Jupyter server at work, though nobody sends it anything? Asked of the server itself.

What it answers is the word of somebody's own program: bounded, checked, and believed only as far
as to spare this very server.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from gateway.model import Launch

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for both questions."""
LONGEST = 1048576
"""Bytes of an answer."""


async def last_work(launch: Launch, now: float) -> float | None:
    """When a kernel or a terminal was last at work, `now` for a busy kernel; None when nothing is known of it."""
    target = launch.server.target
    if target is None:
        return None
    secret = target.secret if launch.profile.auth == "token" else ""
    times: list[float] = []
    try:
        async with asyncio.timeout(PATIENCE):
            for what in ("kernels", "terminals"):
                answer = await _asked(target.url, f"{launch.root}api/{what}", secret)
                times += worked(answer, now)
    except (OSError, TimeoutError, ValueError, RecursionError, EOFError) as error:
        log.debug("%s does not say what it does: %s", launch.server.full_name, error)
    return max(times, default=None)


def worked(answer: Any, now: float) -> list[float]:
    """The times in a list of kernels or of terminals, none of them later than `now`. Pure."""
    if not isinstance(answer, list):
        return []
    found = []
    for each in answer:
        if not isinstance(each, dict):
            continue
        if each.get("execution_state") == "busy":
            found.append(now)
        elif (at := _moment(each.get("last_activity"))) is not None:
            found.append(min(at, now))
    return found


def _moment(text: object) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text[:40])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


async def _asked(url: str, path: str, secret: str) -> Any:
    """The JSON of `GET {url}{path}`, None for any other answer than 200."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        # HTTP/1.0, so that the answer ends with the connection.
        head = f"GET {path} HTTP/1.0\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n"
        if secret:
            head += f"Authorization: token {secret}\r\n"
        writer.write((head + "\r\n").encode("ascii"))
        await writer.drain()
        answer = bytearray()
        while data := await reader.read(65536):
            answer += data
            if len(answer) > LONGEST:
                raise ValueError("its answer is too long")
    finally:
        writer.transport.abort()
    first, _, body = bytes(answer).partition(b"\r\n\r\n")
    if first.split(b" ", 2)[1:2] != [b"200"]:
        return None
    return json.loads(body)
