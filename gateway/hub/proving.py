"""What authenticators say, none of which is believed before it has been looked at.

They are plugins: they raise, hang and return nonsense. Whatever is not a clear yes is
a refusal here; the log names the plugin and the cause, with everything secret masked.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from gateway.errors import BadInput, Forbidden, HubgateError, TooMany, Unavailable
from gateway.hookspecs import Authenticator, Departure
from gateway.hub.words import plain
from gateway.masking import MASK, SECRET_NAME, masked
from gateway.model import Json, Login, checked_group_name, checked_name

log = logging.getLogger(__name__)

REFUSED = "Invalid username or password"
AWAY = "Log-in does not work at the moment"
LONGEST_URL = 8192
LONGEST_CAUSE = 400
SHORTEST_SECRET = 3
"""Masking shorter ones would leave nothing to read."""
MEMORY = 8192
DEPARTURE_MEMORY = 2048
"""Bytes of JSON."""
GROUPS = 1000


async def asked[T](
    authenticator: Authenticator,
    what: str,
    call: Callable[[], Awaitable[object]],
    checked: Callable[[Any], T],
    *,
    seconds: float,
    secrets: Iterable[str] = (),
    passing: Collection[int] = (Forbidden.status, TooMany.status),
) -> T:
    """What `call` of this authenticator gives, once `checked` has taken it.

    Refusals in words pass, which are errors of ours with a status in `passing`. Everything
    else is Unavailable.
    """
    task = asyncio.ensure_future(_called(call))
    try:
        # Not `asyncio.timeout`: what swallows its cancellation would hold us for ever.
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            why = f"no answer within {seconds:g} s"
        else:
            return checked(task.result())
    except HubgateError as error:
        if error.status in passing:
            raise
        why = cause(error, [*secrets, *_own_secrets(authenticator)])
    except Exception as error:  # noqa: BLE001  # a plugin may raise anything; it is logged below
        why = cause(error, [*secrets, *_own_secrets(authenticator)])
    finally:
        task.cancel()
        task.add_done_callback(_forgotten)
    log.error("authenticator %s failed (%s): %s", authenticator.name, what, why)
    raise Unavailable(AWAY, retry_after=30, key="login-away")


async def _called(call: Callable[[], Awaitable[object]]) -> object:
    try:
        return await call()
    except SystemExit as error:
        # A task that ends with it would end the hub.
        raise RuntimeError("it wanted to end the process (SystemExit)").with_traceback(error.__traceback__) from error


def _forgotten(task: asyncio.Future[object]) -> None:
    """Nobody waits for it any more, so nobody is told of its end."""
    if not task.cancelled():
        task.exception()


# ── what is logged ───────────────────────────────────────────────────────────


def cause(error: BaseException, secrets: Iterable[str]) -> str:
    """What went wrong and where, without anything that is worth stealing."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001  # a plugin's own `__str__`, of an error that is being logged
        text = type(error).__name__
    spellings = {spelled for secret in secrets for spelled in (secret, quote(secret, safe=""), repr(secret)[1:-1])}
    for secret in sorted(spellings, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return plain(masked(text), LONGEST_CAUSE) + place


def texts(value: Json) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def _own_secrets(authenticator: Authenticator) -> Iterator[str]:
    """What stands in the authenticator's own options under the name of a secret."""
    for name, value in vars(authenticator.options).items():
        if isinstance(value, str) and SECRET_NAME.search(name):
            yield value


# ── what is believed ─────────────────────────────────────────────────────────


def login(said: object) -> Login | None:
    """A `Login` with a name that can be one; None = it is not proven."""
    if said is None:
        return None
    if not isinstance(said, Login):
        raise TypeError(f"a Login or None is expected, not {type(said).__name__}")
    if said.admin is not None and not isinstance(said.admin, bool):
        raise TypeError("Login.admin must be True, False or None")
    groups = said.groups
    if groups is not None and not (isinstance(groups, tuple | list) and len(groups) <= GROUPS):
        raise TypeError(f"Login.groups must be a tuple of at most {GROUPS} names, or None")
    try:
        return Login(
            checked_name(said.name),
            said.admin,
            None if groups is None else tuple(map(checked_group_name, groups)),
            memory(said.memory, MEMORY),
        )
    except BadInput as error:
        raise Forbidden(REFUSED, key="login-refused") from error


def proven(said: object) -> Login:
    """As `login`, where None is a refusal."""
    found = login(said)
    if found is None:
        raise Forbidden(REFUSED, key="login-refused")
    return found


def memory(value: Json, longest: int) -> Json:
    """It is JSON, and not too much of it."""
    if value is not None and len(json.dumps(value, allow_nan=False)) > longest:
        raise ValueError(f"at most {longest} bytes can be remembered")
    return value


def departure(said: object, insecure: bool) -> Departure:
    if not isinstance(said, Departure):
        raise TypeError(f"a Departure is expected, not {type(said).__name__}")
    return Departure(url(said.url, insecure), memory(said.memory, DEPARTURE_MEMORY))


def url(said: object, insecure: bool) -> str:
    """An absolute URL that a browser can be sent to; `insecure` = `http:` will do."""
    if not isinstance(said, str):
        raise TypeError(f"a URL is expected, not {type(said).__name__}")
    parts = urlsplit(said)
    fit = (
        parts.scheme in (("http", "https") if insecure else ("https",))
        and parts.hostname
        and "@" not in parts.netloc
        and len(said) <= LONGEST_URL
        and said.isascii()
        and not any(char <= " " or char in '\\"<>\x7f' for char in said)
    )
    if not fit:
        raise ValueError(f"an absolute {'http(s)' if insecure else 'https'} URL without a password is expected")
    return said
