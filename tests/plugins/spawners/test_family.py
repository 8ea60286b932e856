"""A table of processes as a picture: `process(pid, parent, session, group, start)`."""

from __future__ import annotations

from plugins.spawners.family import leader_among, members
from plugins.spawners.procfs import Process, Status


def process(
    pid: int, parent: int = 1, session: int = 0, group: int = 0, start: int = 100, dead: bool = False
) -> Status:
    return Status(Process(pid, start), parent, group or session or pid, session or pid, dead)


INIT = process(1, parent=0, start=0)
GATEWAY = process(5, start=1)
LEADER = process(10, parent=5)
STRANGER = process(90, parent=5)


def pids(*statuses: Status, marked: tuple[int, ...] = (), known: tuple[Process, ...] = ()) -> set[int]:
    everything = [INIT, GATEWAY, STRANGER, *statuses]
    return {status.process.pid for status in members(everything, LEADER.process, marked, known)}


def test_the_leader_its_session_and_its_group_belong() -> None:
    assert pids(LEADER, process(11, 10, session=10), process(12, session=77, group=10)) == {10, 11, 12}


def test_descendants_in_sessions_of_their_own_belong() -> None:
    assert pids(LEADER, process(20, 10), process(21, 20), process(22, 21)) == {10, 20, 21, 22}


def test_descendants_are_found_in_any_order() -> None:
    assert pids(process(22, 21), process(21, 20), process(20, 10), LEADER) == {10, 20, 21, 22}


def test_who_carries_the_mark_belongs_with_all_it_started() -> None:
    assert pids(process(30), process(31, 30), marked=(30,)) == {30, 31}


def test_who_was_known_belongs_but_not_a_later_owner_of_the_pid() -> None:
    assert pids(process(40), known=(Process(40, 100),)) == {40}
    assert pids(process(40, start=999), known=(Process(40, 100),)) == set()


def test_the_session_of_a_dead_leader_belongs() -> None:
    assert pids(process(11, session=10)) == {11}
    assert pids(process(10, dead=True), process(11, session=10)) == {11}


def test_a_session_under_a_reused_pid_is_somebody_elses() -> None:
    assert pids(process(10, start=999), process(11, 10, session=10)) == set()


def test_the_dead_do_not_belong() -> None:
    assert pids(process(10, parent=5, dead=True), process(30, dead=True), marked=(30,)) == set()


def test_without_a_leader_the_mark_is_all() -> None:
    everything = [INIT, GATEWAY, LEADER, process(11, 10, session=10)]
    assert members(everything, None, (), ()) == []
    assert {status.process.pid for status in members(everything, None, {11}, ())} == {11}


def test_the_leader_is_the_session_leader_that_none_of_the_start_made() -> None:
    kernel, helper = process(20, parent=10, start=50), process(11, parent=10, session=10)
    assert leader_among([INIT, kernel, helper, LEADER], {10, 11, 20}) == LEADER.process


def test_of_two_the_eldest_leads() -> None:
    orphan = process(8, parent=1, start=200)
    assert leader_among([INIT, orphan, LEADER], {8, 10}) == LEADER.process


def test_a_dead_or_unmarked_leader_leads_nothing() -> None:
    member = process(11, parent=1, session=10)
    assert leader_among([INIT, process(10, dead=True), member], {10, 11}) is None
    assert leader_among([INIT, LEADER], set()) is None
