"""A server's life as a table: {(state, event): state}. Pure.

The usual way leads from left to right:

    stopped ─START→ queued ─TURN→ spawning ─SPAWNED→ booting ─ANSWERED→ ready

QUEUED servers wait for one of the few places in which servers are started.
SPAWNING: the spawner has been asked, and what it started is not yet known.
BOOTING: its target is kept, and nobody knows yet whether it answers there.
READY: it answered, it is really ours, and users reach it.

Every way down ends in STOPPED:

    STOPPING   asked to end, with the time that `stop_timeout` gives
    KILLING    ended without asking: it did not obey, or it died by itself and may
               have left children

STOP is a person's or the hub's wish and may come in every state. FAILED means
that the spawner could not do it, or that what answers is not ours; OVERDUE that
the state's deadline is over; DIED that the process ended by itself; GONE that
nothing is left of it.

A start that failed or was cancelled while SPAWNING goes on to KILLING too, not
straight to STOPPED: the spawner may have been in the middle of something.

STOP while STOPPING or KILLING is fine and changes nothing, because people press
buttons twice. OVERDUE while KILLING leads to STOPPED: nothing more can be done,
and the record's message says so.

A hub that starts finds records in every state. What was RESUMED runs, and its way
goes on where the record says; what is LOST cannot be found again, but may have
left children as well. FAILED while READY: the spawner could not even look for it.

A pair that is not in the table is a bug in the caller: `next_state` raises and
nothing has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from gateway.errors import Conflict


class State(StrEnum):
    STOPPED = "stopped"
    QUEUED = "queued"
    SPAWNING = "spawning"
    BOOTING = "booting"
    READY = "ready"
    STOPPING = "stopping"
    KILLING = "killing"


class Event(StrEnum):
    START = "start"
    TURN = "turn"
    SPAWNED = "spawned"
    ANSWERED = "answered"
    STOP = "stop"
    FAILED = "failed"
    OVERDUE = "overdue"
    DIED = "died"
    GONE = "gone"
    RESUMED = "resumed"
    LOST = "lost"


S, E = State, Event

TABLE: Mapping[tuple[State, Event], State] = {
    (S.STOPPED, E.START): S.QUEUED,
    (S.QUEUED, E.TURN): S.SPAWNING,
    (S.QUEUED, E.STOP): S.STOPPED,
    (S.QUEUED, E.FAILED): S.STOPPED,
    (S.QUEUED, E.OVERDUE): S.STOPPED,
    (S.QUEUED, E.RESUMED): S.QUEUED,
    (S.SPAWNING, E.SPAWNED): S.BOOTING,
    (S.SPAWNING, E.STOP): S.KILLING,
    (S.SPAWNING, E.FAILED): S.KILLING,
    (S.SPAWNING, E.OVERDUE): S.KILLING,
    (S.SPAWNING, E.RESUMED): S.BOOTING,
    (S.SPAWNING, E.LOST): S.KILLING,
    (S.BOOTING, E.ANSWERED): S.READY,
    (S.BOOTING, E.STOP): S.STOPPING,
    (S.BOOTING, E.FAILED): S.KILLING,
    (S.BOOTING, E.OVERDUE): S.STOPPING,
    (S.BOOTING, E.DIED): S.KILLING,
    (S.BOOTING, E.RESUMED): S.BOOTING,
    (S.BOOTING, E.LOST): S.KILLING,
    (S.READY, E.STOP): S.STOPPING,
    (S.READY, E.FAILED): S.KILLING,
    (S.READY, E.DIED): S.KILLING,
    (S.READY, E.RESUMED): S.READY,
    (S.READY, E.LOST): S.KILLING,
    (S.STOPPING, E.STOP): S.STOPPING,
    (S.STOPPING, E.GONE): S.STOPPED,
    (S.STOPPING, E.FAILED): S.KILLING,
    (S.STOPPING, E.OVERDUE): S.KILLING,
    (S.STOPPING, E.RESUMED): S.STOPPING,
    (S.STOPPING, E.LOST): S.KILLING,
    (S.KILLING, E.STOP): S.KILLING,
    (S.KILLING, E.GONE): S.STOPPED,
    (S.KILLING, E.FAILED): S.STOPPED,
    (S.KILLING, E.OVERDUE): S.STOPPED,
    (S.KILLING, E.RESUMED): S.KILLING,
    (S.KILLING, E.LOST): S.KILLING,
}

STARTING = frozenset({S.QUEUED, S.SPAWNING, S.BOOTING})
ENDING = frozenset({S.STOPPING, S.KILLING})


def next_state(state: str, event: Event) -> State:
    """The state after `event`, or `Conflict` when it cannot happen in `state`."""
    try:
        return TABLE[State(state), event]
    except (KeyError, ValueError):
        raise Conflict(f"a server that is {state} cannot take '{event}'") from None


def shown(state: str) -> Literal["stopped", "starting", "ready", "stopping"]:
    """The state as users and routes see it: stopped, starting, ready or stopping."""
    found = State(state)
    if found in STARTING:
        return "starting"
    if found in ENDING:
        return "stopping"
    return "ready" if found is S.READY else "stopped"
