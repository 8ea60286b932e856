"""What a worker tells the hub of the requests that it has served, in numbers.

Every label has few values, so that no client can make the hub keep many numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

type RouteKind = Literal["hub", "server", "service", "custom", "none"]
"""Of the route that a request was led to; `none` = the gateway answered by itself."""
type Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"]
type StatusClass = Literal["1xx", "2xx", "3xx", "4xx", "5xx", "none"]
"""`none` = the client got no answer."""
type LaneName = Literal["express", "flow", "gate"]

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Upper bounds of a request's duration, in seconds; one more bucket is for what takes longer."""
OUTCOMES = 64
"""Different outcomes of decisions at most."""

type Amount = Annotated[int, Field(ge=0)]
type Outcome = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


@dataclass(frozen=True, slots=True)
class Counted:
    """So many requests more."""

    kind: RouteKind
    method: Method
    status: StatusClass
    lane: LaneName
    count: Amount


@dataclass(frozen=True, slots=True)
class Timed:
    """How long they took, and how much they moved. Upgraded connections count in the bytes only."""

    kind: RouteKind
    lane: LaneName
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    buckets: Annotated[tuple[Amount, ...], Field(min_length=len(BUCKETS) + 1, max_length=len(BUCKETS) + 1)]
    sent: Amount
    received: Amount


@dataclass(frozen=True, slots=True)
class Measures:
    """What was added since the last report, and how it is now."""

    requests: Annotated[tuple[Counted, ...], Field(max_length=4096)] = ()
    timings: Annotated[tuple[Timed, ...], Field(max_length=64)] = ()
    decisions: Annotated[dict[Outcome, Amount], Field(max_length=OUTCOMES)] = field(default_factory=dict)
    connections: Amount = 0
    """Client connections, now."""
    requests_in_flight: Amount = 0
    websockets: dict[RouteKind, Amount] = field(default_factory=dict)
    """Upgraded connections, now."""
    memory: Amount = 0
    """Resident bytes of the worker."""
    cpu_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Processor time of the worker since its start."""
    kind: Literal["measures"] = "measures"
