"""What leaves the express lane is looked at, within bounds, and nothing of it is changed."""

from __future__ import annotations

from mitmproxy.connection import Client, Connection, ConnectionState, Server
from mitmproxy.proxy import commands

from gateway.proxy.glance import Glance, Message
from gateway.proxy.steps import MORE, Steps

CLIENT = Client(peername=("127.0.0.1", 5), sockname=("127.0.0.1", 8000), state=ConnectionState.OPEN)
SERVER = Server(address=("127.0.0.1", 9))


def sent(connection: Connection, data: bytes) -> commands.SendData:
    return commands.SendData(connection, data)


def test_a_message_is_kept_up_to_its_limit() -> None:
    message = Message(4)
    message.passed(b"HTTP/1.1 200 OK\r\nA: b\r\nC:d \r\n\r\nhe")
    for part in (b"l", b"lo", b"more"):
        message.passed(part)
    part = message.part(9, "")
    assert (part.headers, part.kept, part.size) == ([("A", "b"), ("C", "d")], b"hell", 9)


def test_chunks_are_put_together_as_far_as_they_are_kept() -> None:
    message = Message(10)
    message.passed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nhello\r\n")
    assert message.part(8, "").kept == b"abchello"
    message.again()
    message.passed(b"HTTP/1.1 200 OK\r\n\r\nz")
    assert message.part(1, "why").kept == b"z"
    assert message.part(1, "why").omitted == "why"


def test_the_limit_is_that_of_the_body_however_small_its_chunks_are() -> None:
    """What is kept beyond a capture's own limit is needed to find a secret that lies across it."""
    message = Message(100)
    message.passed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for letter in range(200):
        message.passed(b"1\r\n%c\r\n" % letter)
    assert message.part(200, "").kept == bytes(range(100))


def test_the_steps_stay_what_they_are() -> None:
    now = 100.0
    glance = Glance(CLIENT, 100, lambda: now)
    made = [
        commands.OpenConnection(SERVER), sent(SERVER, b"GET / HTTP/1.1\r\n\r\n"), MORE,
        sent(CLIENT, b"HTTP/1.1 103 Early Hints\r\n\r\n"), sent(CLIENT, b"HTTP/1.1 200 OK\r\n\r\n"),
    ]  # fmt: skip
    heard: list[object] = []

    def lane() -> Steps[bool]:
        for command in made:
            heard.append((yield command))
        return True

    steps = glance.along(lane())
    found = [next(steps)]
    try:
        while True:
            now += 1
            found.append(steps.send(len(found)))
    except StopIteration as end:
        assert end.value is True
    assert found == made
    assert heard == [1, 2, 3, 4, 5]
    assert glance.times == {"connect": 1.0, "sent": 101.0, "first": 104.0, "end": 104.0}
    assert (glance.request.head, glance.response.head) == (b"GET / HTTP/1.1", b"HTTP/1.1 200 OK")


def test_what_follows_an_upgrade_is_no_body() -> None:
    glance = Glance(CLIENT, 100, lambda: 1.0)

    def lane() -> Steps[bool]:
        yield sent(CLIENT, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\n\r\n")
        yield sent(SERVER, b"early")
        yield sent(CLIENT, b"HTTP/1.1 999 not a head\r\n\r\n")
        return False

    assert len(list(glance.along(lane()))) == 3
    assert glance.response.head == b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp"
    assert (glance.response.part(0, "").kept, glance.request.head) == (b"", b"")


def test_the_lane_is_closed_with_it() -> None:
    closed = []

    def lane() -> Steps[bool]:
        try:
            yield MORE
        finally:
            closed.append(True)
        return True

    steps = Glance(CLIENT, 100, lambda: 0.0).along(lane())
    next(steps)
    steps.close()
    assert closed == [True]
