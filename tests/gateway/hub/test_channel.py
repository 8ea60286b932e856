"""The hub's end of the channel, spoken to as ASGI, without a socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.channel.messages import (
    Activity,
    Answer,
    Ask,
    Beat,
    FromHub,
    FromWorker,
    Hello,
    Invalidate,
    Measures,
    Requests,
    RoutesChanged,
    Snapshot,
    Welcome,
    decode_from_hub,
    encode,
)
from gateway.hub import channel as module
from gateway.hub import identities
from gateway.hub.core import Hub
from gateway.hub.lifecycle import State
from gateway.model import digest
from gateway.store import users
from tests.gateway.hub.world import eventually, in_state


class Worker:
    """A worker at the other end of an ASGI WebSocket."""

    def __init__(self, hub: Hub) -> None:
        self._to_hub: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: asyncio.Queue[FromHub] = asyncio.Queue()
        self.closed: dict[str, Any] | None = None
        self.reads = True
        self._to_hub.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(hub.channel(self._to_hub.get, self._receive))

    async def _receive(self, event: Any) -> None:
        while not self.reads:
            await asyncio.sleep(0.01)
        if event["type"] == "websocket.send":
            self.heard.put_nowait(decode_from_hub(event["text"]))
        elif event["type"] == "websocket.close":
            self.closed = event

    def say(self, message: FromWorker | str) -> None:
        text = message if isinstance(message, str) else encode(message)
        self._to_hub.put_nowait({"type": "websocket.receive", "text": text})

    def hang_up(self) -> None:
        self._to_hub.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def next(self) -> FromHub:
        """The next message that is no heartbeat."""
        while True:
            message = await asyncio.wait_for(self.heard.get(), 5)
            if not isinstance(message, Beat):
                return message

    async def greeted(self, hello: Hello | None = None) -> list[FromHub]:
        self.say(hello or Hello("1", 100))
        messages = [await self.next()]
        assert isinstance(messages[0], Welcome)
        while not messages[0].resumed and not (isinstance(messages[-1], Snapshot) and messages[-1].last):
            messages.append(await self.next())
        return messages

    async def ask(self, credential: Any, value: str, id: int = 1) -> Answer:
        self.say(Ask(id, credential, value))
        while True:
            answer = await self.next()
            if isinstance(answer, Answer):
                return answer


type Connect = Callable[[], Worker]


@pytest.fixture
async def connect(hub: Hub) -> Any:
    """Makes workers; they are gone after the test."""
    made: list[Worker] = []

    def connect() -> Worker:
        made.append(Worker(hub))
        return made[-1]

    yield connect
    for worker in made:
        worker.reads = True
        worker.hang_up()
    await asyncio.gather(*(worker.task for worker in made))
    assert len(hub.workers) == 0


async def ended(worker: Worker) -> str:
    """Wait until the hub has disconnected it; why."""
    await asyncio.wait_for(asyncio.shield(worker.task), 5)
    assert worker.closed
    return str(worker.closed["reason"])


async def test_a_new_worker_gets_keys_and_the_whole_table(hub: Hub, connect: Connect) -> None:
    welcome, snapshot = await connect().greeted()
    assert isinstance(welcome, Welcome) and isinstance(snapshot, Snapshot)
    assert (welcome.signing_key, welcome.signing_key_id) == (hub.keys.signing_key, hub.keys.signing_key_id)
    assert {route.id for route in snapshot.routes} == {"hub", "hub-api"}
    assert [each.worker for each in hub.workers.listing()] == ["1"]


async def test_what_changes_is_pushed_in_order_and_without_gaps(hub: Hub, connect: Connect) -> None:
    worker = connect()
    (welcome, *_) = await worker.greeted()
    assert isinstance(welcome, Welcome)
    await hub.servers.start("alice")
    await in_state(hub, State.READY)
    pushes = []
    while not pushes or pushes[-1].put[0].state != "ready":
        push = await worker.next()
        assert isinstance(push, RoutesChanged)
        pushes.append(push)
    assert [push.put[0].state for push in pushes] == ["starting", "ready"]
    assert [push.seq for push in pushes] == [welcome.seq + 1, welcome.seq + 2]


async def test_a_change_of_a_user_is_pushed_before_an_answer_that_knows_it(hub: Hub, connect: Connect) -> None:
    worker = connect()
    await worker.greeted()
    value, _ = await hub.tokens.make("alice")
    await hub.users.set_admin("alice", True)
    worker.say(Ask(1, "token", digest(value)))
    messages = [await worker.next() for _ in range(3)]
    assert [type(message) for message in messages] == [Invalidate, Invalidate, Answer]
    answer = messages[2]
    assert isinstance(answer, Answer) and answer.identity and answer.identity.admin
    assert answer.revision == hub.changes.revision


async def test_questions(hub: Hub, connect: Connect) -> None:
    worker = connect()
    await worker.greeted()
    value, _ = await hub.tokens.make("alice")
    good = await worker.ask("token", digest(value), 7)
    assert good.id == 7 and good.identity and good.identity.name == "alice"
    assert (await worker.ask("session", digest(value), 8)).identity is None
    assert await worker.ask("token", digest("x"), 9) == Answer(9, None, hub.changes.revision)
    await hub.changes.write(users.set_disabled, "alice", True)
    assert (await worker.ask("token", digest(value), 10)).identity is None


async def test_many_questions_at_once_are_all_answered(
    hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKS", 3)
    worker = connect()
    await worker.greeted()
    for number in range(50):
        worker.say(Ask(number, "token", digest(str(number))))
    answers = [await worker.next() for _ in range(50)]
    assert {answer.id for answer in answers if isinstance(answer, Answer)} == set(range(50))


async def test_no_answer_is_given_that_is_not_known(
    hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that is away must not look like an unknown credential."""
    worker = connect()
    await worker.greeted()

    async def away(*_: object) -> None:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(identities.Identities, "resolve", away)
        worker.say(Ask(1, "token", digest("x")))
        await eventually(lambda: "cannot be answered" in caplog.text)
    assert (await worker.ask("token", digest("x"), 2)).id == 2


async def test_activity_reaches_the_store(hub: Hub, connect: Connect) -> None:
    worker = connect()
    await worker.greeted()
    value, _ = await hub.tokens.make("alice")
    worker.say(Activity({digest(value): 900.0}, {}))
    await worker.ask("token", digest(value))
    await hub.activity.flush()
    assert [token.last_used for token in await hub.tokens.of_user("alice")] == [900.0]


async def test_ended_requests_are_kept(hub: Hub, connect: Connect) -> None:
    worker = connect()
    await worker.greeted()
    worker.say(Requests(('{"path":"/x"}',), lost=2))
    await eventually(lambda: hub.requests.number == 1)
    (seen,) = hub.requests.after()
    assert (seen.line, seen.request()["path"], hub.requests.lost) == ('{"path":"/x"}', "/x", 2)


# ── coming back ──────────────────────────────────────────────────────────────


async def test_one_that_comes_back_resumes(hub: Hub, connect: Connect) -> None:
    worker = connect()
    (welcome, *_) = await worker.greeted()
    assert isinstance(welcome, Welcome)
    worker.hang_up()
    await eventually(lambda: len(hub.workers) == 0)
    await hub.users.set_admin("alice", True)
    again = connect()
    (greeting,) = await again.greeted(Hello("1", 100, welcome.boot, welcome.seq))
    assert isinstance(greeting, Welcome) and greeting.resumed
    missed = await again.next()
    assert missed == Invalidate(welcome.seq + 1, hub.changes.revision, ("user:alice",))


async def test_the_same_worker_twice_the_older_one_goes(
    hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)
    old, new = connect(), connect()
    await old.greeted(Hello("1", 100))
    await new.greeted(Hello("1", 101))
    assert "again" in await ended(old)
    assert [each.pid for each in hub.workers.listing()] == [101]


# ── breaking the rules ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "first",
    ["", "nonsense", "{}", encode(Beat()), encode(Ask(1, "token", "x")), encode(Hello("1", 1, version=99))],
)
async def test_who_does_not_begin_with_a_hello_is_disconnected(hub: Hub, connect: Connect, first: str) -> None:
    worker = connect()
    worker.say(first)
    assert await ended(worker)
    assert worker.heard.empty()
    assert len(hub.workers) == 0


@pytest.mark.parametrize("message", ["nonsense", encode(Hello("2", 2)), '{"kind":"answer","id":1}'])
async def test_who_breaks_the_protocol_is_disconnected(hub: Hub, connect: Connect, message: str) -> None:
    worker = connect()
    await worker.greeted()
    worker.say(message)
    assert await ended(worker)
    assert len(hub.workers) == 0


async def test_who_is_silent_is_disconnected(hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.05)
    silent, talking = connect(), connect()
    await silent.greeted(Hello("1", 1))
    talking.say(Hello("2", 2))
    for _ in range(10):
        talking.say(Beat())
        await asyncio.sleep(0.02)
    assert "nothing was heard" in await ended(silent)
    assert [each.worker for each in hub.workers.listing()] == ["2"]


async def test_who_does_not_read_is_disconnected(hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.hub.outbox.SILENCE", 0.05)
    monkeypatch.setattr(module, "FAREWELL", 0.05)
    worker = connect()
    await worker.greeted()
    worker.reads = False
    await hub.users.set_admin("alice", True)
    await asyncio.wait_for(asyncio.shield(worker.task), 5)
    assert len(hub.workers) == 0


async def test_the_hub_beats(hub: Hub, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)
    worker = connect()
    await worker.greeted()
    for _ in range(3):
        assert isinstance(await asyncio.wait_for(worker.heard.get(), 5), Beat)


async def test_a_vanished_client_raises_nothing(hub: Hub, connect: Connect) -> None:
    """What uvicorn raises in `send` once the other side is gone is an `OSError`."""

    async def gone(_event: Any) -> None:
        raise OSError("gone")

    worker = connect()
    await worker.greeted()
    worker._receive = gone  # type: ignore[method-assign]
    worker.hang_up()
    await asyncio.wait_for(asyncio.shield(worker.task), 5)


async def test_numbers_come_and_go_with_their_worker(hub: Hub, connect: Connect) -> None:
    def value(name: str, **labels: str) -> float | None:
        return hub.metrics.registry.get_sample_value(name, labels)

    worker = connect()
    await worker.greeted()
    worker.say(Measures(decisions={"forward": 2}, connections=7))
    worker.say(Beat(time.monotonic() - 0.5))
    await eventually(lambda: value("hubgate_connections", worker="1") == 7)
    await eventually(lambda: (value("hubgate_channel_round_trip_seconds", worker="1") or 0) >= 0.5)
    worker.hang_up()
    await worker.task
    assert value("hubgate_connections", worker="1") is None
    assert value("hubgate_decisions_total", outcome="forward") == 2
