"""Every pair of state and event: those in the table, and that all others change nothing."""

from __future__ import annotations

import itertools

import pytest

from gateway.errors import Conflict
from gateway.hub.lifecycle import ENDING, STARTING, TABLE, Event, State, next_state, shown


def test_the_usual_way() -> None:
    state = State.STOPPED
    way = [state]
    for event in (Event.START, Event.TURN, Event.SPAWNED, Event.ANSWERED, Event.STOP, Event.GONE):
        state = next_state(state, event)
        way.append(state)
    assert way == ["stopped", "queued", "spawning", "booting", "ready", "stopping", "stopped"]


@pytest.mark.parametrize(("state", "event"), [p for p in itertools.product(State, Event) if p not in TABLE])
def test_an_unknown_pair_raises_and_changes_nothing(state: State, event: Event) -> None:
    before = dict(TABLE)
    with pytest.raises(Conflict, match=f"{state} cannot take '{event}'"):
        next_state(state, event)
    assert before == TABLE


def test_a_state_that_is_none_raises() -> None:
    with pytest.raises(Conflict, match="dancing"):
        next_state("dancing", Event.STOP)


def test_stop_is_possible_in_every_state_but_stopped() -> None:
    for state in set(State) - {State.STOPPED}:
        assert next_state(state, Event.STOP) in {State.STOPPED, *ENDING}


def test_every_state_but_ready_and_stopped_has_a_deadline() -> None:
    for state in set(State) - {State.STOPPED, State.READY}:
        assert (state, Event.OVERDUE) in TABLE


def test_every_state_is_reached_and_leads_to_stopped() -> None:
    for start in State:
        seen, todo = set(), [start]
        while todo:
            state = todo.pop()
            seen.add(state)
            todo += [after for (before, _), after in TABLE.items() if before == state and after not in seen]
        assert State.STOPPED in seen
        if start is State.STOPPED:
            assert seen == set(State)


def test_no_way_leads_to_ready_but_an_answer() -> None:
    assert {pair for pair, after in TABLE.items() if after is State.READY} == {
        (State.BOOTING, Event.ANSWERED),
        (State.READY, Event.RESUMED),
    }


def test_what_users_see() -> None:
    assert {state: shown(state) for state in State} == {
        "stopped": "stopped",
        "queued": "starting",
        "spawning": "starting",
        "booting": "starting",
        "ready": "ready",
        "stopping": "stopping",
        "killing": "stopping",
    }
    assert not STARTING & ENDING
