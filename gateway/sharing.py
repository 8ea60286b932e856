"""Sharing, as values: what is asked for, what is offered, what one has. Plugins find them in `gateway.model`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_to_bytes

from gateway.errors import BadInput

PATH_LENGTH = 1000
DEEPEST = 16
"""Characters and segments of a path at most."""


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What somebody wants to share of a server. The hub has checked it against their own scopes."""

    scopes: tuple[str, ...]
    """Each with the filter `!server=owner/name`."""
    now: float
    expires_at: float | None = None
    max_uses: int | None = None
    """How many people may accept; None = any number."""
    lasting: bool = False
    """What is accepted outlives the invitation, as in JupyterHub; else it ends with it."""
    user: str = ""
    group: str = ""
    """Whom it is for, where that is said from the start."""
    path: str = ""
    """As in `Grant`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user, or every member of one group, may do with a server that is not theirs."""

    owner: str
    server: str
    scopes: tuple[str, ...]
    """Each with the filter `!server=owner/name`."""
    user: str = ""
    group: str = ""
    """Who got it: one of the two."""
    created: float = 0.0
    expires_at: float | None = None
    view_only: bool = False
    """To look on. The gate and the flow lane see to it."""
    path: str = ""
    """What lies at and below this path of the server, as `checked_path` gives it; "" = all of it."""
    invitation: str = ""
    """Id of the invitation it came by, "" if there is none (any more)."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer of a grant, to whoever brings its code; or the grants themselves, when nobody need accept."""

    owner: str
    server: str
    scopes: tuple[str, ...]
    created: float
    expires_at: float | None = None
    max_uses: int | None = None
    lasting: bool = False
    code: str = ""
    """In clear only when it was just made: the hub keeps a digest and `prefix`."""
    grants: tuple[Grant, ...] = ()
    """In force from the start."""
    view_only: bool = False
    path: str = ""
    """Both as in `Grant`."""
    handler: str = ""
    prefix: str = ""
    uses: int = 0
    last_used: float | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """What a grant opens when it is less than the server with everything: some path below it, or only to look on."""

    owner: str
    server: str
    path: str = ""
    view_only: bool = False
    until: float | None = None

    def over(self, now: float) -> bool:
        return self.until is not None and self.until <= now


def within(path: str, other: str) -> bool:
    """Does `other` cover `path`? Both in their one spelling."""
    return not other or path == other or path.startswith(f"{other}/")


def in_api(path: str) -> bool:
    """Does it lie in Jupyter's REST API, for any reader? Bodies of calls there name other paths (`copy_from`)."""
    return within(unquote(unquote(path)).casefold(), "api")


# ── paths ────────────────────────────────────────────────────────────────────


def checked_path(text: str) -> str:
    """A path below a server in its one spelling (percent-encoded, no slash at its ends), or `BadInput`.

    It is decoded once. Whatever one server might read as another path is no path here.
    """
    raw = text.strip().strip("/")
    if not raw:
        return ""
    names = []
    for segment in raw.split("/"):
        name = plain_name(segment.encode("utf-8", "surrogatepass"))
        if name is None or any(char in segment for char in "?#") or not segment.isprintable():
            raise BadInput(
                "path must be a path below the server, like files/plots: no empty, '.' or '..' segments, "
                "and no '?', '#', ';', '\\' or encoded '/' in it",
                key="share-path",
            )
        names.append(name)
    found = "/".join(quote(name, safe="@~") for name in names)
    if len(found) > PATH_LENGTH or len(names) > DEEPEST:
        raise BadInput(
            f"path must have at most {PATH_LENGTH} characters and {DEEPEST} segments",
            key="share-deep",
            about={"characters": PATH_LENGTH, "segments": DEEPEST},
        )
    return found


def plain_name(segment: bytes) -> str | None:
    """A raw segment, decoded once; None if some server could take it for a step, for nothing or for several."""
    try:
        once = unquote_to_bytes(segment)
        name, twice = once.decode(), unquote_to_bytes(once).decode()
    except UnicodeError:
        return None
    for text in (name, twice):
        if not text or set(text) == {"."} or any(char in "/\\;\x7f" or char < " " for char in text):
            return None
        if any("\x80" <= char <= "\x9f" for char in text):
            return None
    return name
