"""Every message of the channel, and how one becomes a frame and back.

One JSON text frame is one message; `kind` tells which. What consists of lines of JSON
has them below the message, in a binary frame. Answers and pushes share one ordered
stream from hub to worker. Pushes are numbered (`seq`) without gaps within one `boot`
of the hub. Later features add kinds and optional fields; a changed meaning raises
`VERSION`, and the two sides refuse to talk.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from gateway.captures import Order
from gateway.channel.measures import Measures as Measures  # noqa: PLC0414  # a message like the others
from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.routes import Route

VERSION = 2
MAX_FRAME = 16 * 1024 * 1024
"""Bytes of one frame; a snapshot is cut into several below it."""
HEARTBEAT = 2.0
"""Seconds between heartbeats, each way."""
SILENCE = 6.0
"""Seconds without a frame after which the other side counts as gone."""

SECRET_HEADER = "x-hubgate-secret"  # noqa: S105  # a header's name
"""Carries the channel secret: on the channel's handshake and on requests to the hub."""
CREDENTIAL_HEADER = "x-hubgate-credential"
"""On requests to the hub: `session <digest>` or `token <digest>`; absent = anonymous."""
PROXY_HEADER = "x-hubgate-proxy"
"""On requests to the hub: `trusted` = the worker's peer is one of `trusted_proxies`."""
UNBELIEVED_HEADER = "x-hubgate-unbelieved"
"""On requests to the hub: a header that would name the person, from a peer that is not."""
CALLER_HEADER = "x-hubgate-caller"
"""On the hub's answers: who called, percent-encoded; for the worker's log, and no further."""
REQUEST_ID_HEADER = "x-request-id"
PATH = "/channel"
"""Where the hub's HTTP server takes the channel's WebSocket."""


# ── worker to hub ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hello:
    """First message. `boot` and `seq` tell what the worker has seen; "" and 0 = nothing."""

    worker: str
    pid: int
    boot: str = ""
    seq: int = 0
    version: int = VERSION
    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Ask:
    """Who is behind this credential? `digest` is its SHA-256 in hex."""

    id: int
    credential: Literal["session", "token"]
    digest: str
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody uses a server that is not theirs."""

    who: str
    """`user:bob` or `service:culler`."""
    server: str
    """`owner/name`."""
    credential: Literal["session", "token"]
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """Last use since the previous batch, POSIX seconds. Keys: digests; `user/server`."""

    credentials: dict[str, float] = field(default_factory=dict)
    servers: dict[str, float] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    """Now and then for as long as a visit lasts."""
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of tokens (digests): where they were used, once in a while."""
    kind: Literal["activity"] = "activity"


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests that have ended, each as its line of the access log; `lost` more could not be kept."""

    lines: tuple[str, ...]
    lost: int = 0
    kind: Literal["requests"] = "requests"


@dataclass(frozen=True, slots=True)
class Captured:
    """Records of a capture, each a line of JSON; `dropped` more could not be kept."""

    capture: str
    records: tuple[str, ...]
    dropped: int = 0
    kind: Literal["captured"] = "captured"


@dataclass(frozen=True, slots=True)
class Beat:
    """Heartbeat, both ways. A worker gives one that has an `at` straight back."""

    at: float = 0.0
    """The hub's own clock when it was sent."""
    kind: Literal["beat"] = "beat"


# ── hub to worker ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answer to `Hello`. If not `resumed`, `Snapshot`s follow and all before is void."""

    boot: str
    seq: int
    resumed: bool
    signing_key: str
    """Ed25519 private key (PEM) with which workers sign identity tokens."""
    signing_key_id: str
    version: int = VERSION
    captures: tuple[Order, ...] = ()
    """All that run now; see `Captures`."""
    kind: Literal["welcome"] = "welcome"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A part of the whole route table; `last` ends it, then the worker swaps."""

    routes: tuple[Route, ...]
    last: bool
    kind: Literal["snapshot"] = "snapshot"


@dataclass(frozen=True, slots=True)
class Answer:
    """To the `Ask` of that id. None = no such credential, expired, or may not log in."""

    id: int
    identity: Identity | None
    revision: int
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class RoutesChanged:
    """Push: these routes are new or changed, those are gone."""

    seq: int
    put: tuple[Route, ...] = ()
    drop: tuple[str, ...] = ()
    kind: Literal["routes"] = "routes"


@dataclass(frozen=True, slots=True)
class Invalidate:
    """Push: what is cached for these names or credentials is older than `revision`.

    The worker forgets it, and judges again, with their identity asked anew, the
    open connections that depended on it. Names are `user:alice`, `service:culler`;
    `everything` stands for all of them.
    """

    seq: int
    revision: int
    owners: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    everything: bool = False
    kind: Literal["invalidate"] = "invalidate"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Push: from now on, workers sign with this key; see `Welcome`."""

    seq: int
    signing_key: str
    signing_key_id: str
    kind: Literal["signing-key"] = "signing-key"


@dataclass(frozen=True, slots=True)
class Captures:
    """All captures that run now, after each change; what is recorded for others ends.

    Not numbered: each one says everything.
    """

    orders: tuple[Order, ...]
    kind: Literal["captures"] = "captures"


@dataclass(frozen=True, slots=True)
class Reconnect:
    """The open WebSockets that this capture covers and does not see are cut: their clients come again."""

    capture: str
    kind: Literal["reconnect"] = "reconnect"


type FromWorker = Hello | Ask | Activity | Requests | Measures | Captured | Beat
type FromHub = Welcome | Snapshot | Answer | RoutesChanged | Invalidate | SigningKey | Captures | Reconnect | Beat
type Push = RoutesChanged | Invalidate | SigningKey

_from_worker: TypeAdapter[FromWorker] = TypeAdapter(
    Annotated[Hello | Ask | Activity | Requests | Measures | Captured | Beat, Field(discriminator="kind")]
)
_from_hub: TypeAdapter[FromHub] = TypeAdapter(
    Annotated[
        Welcome | Snapshot | Answer | RoutesChanged | Invalidate | SigningKey | Captures | Reconnect | Beat,
        Field(discriminator="kind"),
    ]
)


def encode(message: FromWorker | FromHub) -> str:
    """One message to one text frame."""
    adapter: TypeAdapter[FromWorker] | TypeAdapter[FromHub]
    ours = Hello | Ask | Activity | Requests | Measures | Captured | Beat
    adapter = _from_worker if isinstance(message, ours) else _from_hub
    return adapter.dump_json(message).decode()  # type: ignore[arg-type]  # one of the two unions, by the line above


def packed(message: FromWorker) -> str | bytes:
    """As `encode`, for the hub; lines of JSON pass as they are, below the message without them."""
    match message:
        case Requests(lines):
            bare: FromWorker = replace(message, lines=())
        case Captured(_, lines):
            bare = replace(message, records=())
        case _:
            return encode(message)
    return "\n".join((encode(bare), *lines)).encode()


def decode_from_worker(frame: str | bytes) -> FromWorker:
    """One frame, of either kind, to a message, or `ChannelError`."""
    if isinstance(frame, str):
        return _decode(_from_worker, frame)
    _check_size(frame)
    head, mark, rest = frame.partition(b"\n")
    message = _decode(_from_worker, head)
    if not mark:
        return message
    if not isinstance(message, Requests | Captured):
        raise ChannelError("only requests and records of captures stand below a message")
    try:
        lines = tuple(rest.decode().split("\n"))
    except UnicodeDecodeError:
        raise ChannelError("the lines are no UTF-8") from None
    return replace(message, lines=lines) if isinstance(message, Requests) else replace(message, records=lines)


def decode_from_hub(frame: str | bytes) -> FromHub:
    """One frame to a message, or `ChannelError`."""
    return _decode(_from_hub, frame)


def _decode[T](adapter: TypeAdapter[T], frame: str | bytes) -> T:
    _check_size(frame)
    try:
        return adapter.validate_json(frame)
    except ValidationError as error:
        where = "; ".join(".".join(map(str, e["loc"])) + ": " + e["msg"] for e in error.errors()[:3])
        raise ChannelError(f"not a message of version {VERSION}: {where}") from None


def _check_size(frame: str | bytes) -> None:
    if len(frame) > MAX_FRAME:
        raise ChannelError(f"a frame of {len(frame)} bytes; at most {MAX_FRAME} are allowed")
