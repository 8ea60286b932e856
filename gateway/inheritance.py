"""What the supervisor hands to the processes that it starts, and what each needs without it.

The supervisor starts a child with `--inherit FD`; FD is the read end of a pipe
that holds one JSON document. So the channel secret stands neither on a command
line nor in an environment, where a user's server could read it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.errors import HubgateError
from gateway.settings import Settings

PIPE = 65536
"""Bytes that a pipe takes without a reader; it is made larger for long settings."""


@dataclass(frozen=True, slots=True)
class Inherited:
    secret: str
    """The channel secret; it outlives each hub and worker."""
    listeners: tuple[int, ...] = ()
    """Listening sockets, in the order of `[gateway] bind`; workers only."""
    worker: int = 0
    """The worker's number, from 1; 0 for the hub."""
    ready: int = -1
    """Write end of a pipe: the child says once that it is at work."""
    address: str = ""
    """What browsers type, with the port that was really taken."""
    settings: Settings | None = None
    """What the supervisor read, so that all its children agree whatever is in the file by now."""
    redirects: tuple[int, ...] = ()
    """The listening socket of `http_redirect_bind`, if there is one; workers only."""


_document: TypeAdapter[Inherited] = TypeAdapter(Inherited)


def to_pipe(inherited: Inherited) -> int:
    """The read end of a pipe that holds `inherited`, to be passed on and then closed."""
    reading, writing = os.pipe()
    write(writing, inherited)
    return reading


def write(fd: int, inherited: Inherited) -> None:
    """Write the document into a pipe's write end, and close it."""
    document = _document.dump_json(inherited)
    with os.fdopen(fd, "wb") as pipe:
        if len(document) > PIPE:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, len(document))
        pipe.write(document)


def from_pipe(fd: int) -> Inherited:
    """Wait for the document, close `fd`, and keep what came with it from our own children."""
    try:
        with os.fdopen(fd, "rb") as pipe:
            inherited = _document.validate_json(pipe.read())
        for each in (*inherited.listeners, *inherited.redirects, inherited.ready):
            if each >= 0:
                os.set_inheritable(each, False)
    except (OSError, ValidationError) as error:
        raise HubgateError(f"--inherit {fd} is for the supervisor only: {error}") from None
    return inherited


def tell_ready(inherited: Inherited | None) -> None:
    """Say once that this process is at work. Fine without a supervisor, or with a dead one."""
    if inherited is None or inherited.ready < 0:
        return
    with contextlib.suppress(OSError):
        os.write(inherited.ready, b"ready\n")
        os.close(inherited.ready)


def channel_secret(settings: Settings, inherited: Inherited | None = None) -> str:
    """The inherited secret, else the one in the key file, which the first comer makes."""
    if inherited is not None:
        return inherited.secret
    named = settings.channel.secret_file
    path = Path(named) if named else settings.gateway.data_dir / "channel.key"
    try:
        if not path.exists():
            _make_key(path)
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HubgateError(f"the channel secret {path} cannot be used: {error}") from None
    if len(secret) < 32:
        raise HubgateError(f"the channel secret {path} is too short: at least 32 characters are needed")
    return secret


def _make_key(path: Path) -> None:
    """Two processes may come at once: the link makes one of them the first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, secrets.token_urlsafe(32).encode() + b"\n")
        os.fsync(fd)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.close(fd)
        draft.unlink()
