"""What is written in one turn of the loop leaves in one piece, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from gateway.hub.joined import ENOUGH, Joined


class Transport:
    """Remembers what reaches it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed = False

    def writelines(self, pieces: list[bytes]) -> None:
        self.pieces.append(b"".join(pieces))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return f"the transport's {name}"


@pytest.fixture
async def transport() -> Transport:
    return Transport()


@pytest.fixture
async def joined(transport: Transport) -> Any:
    return Joined(cast(asyncio.Transport, transport), asyncio.get_running_loop())


async def test_head_and_body_leave_together(joined: Any, transport: Transport) -> None:
    joined.write(b"head ")
    joined.write(b"body")
    assert transport.pieces == []
    await asyncio.sleep(0)
    assert transport.pieces == [b"head body"]
    await asyncio.sleep(0)
    joined.write(b"next")
    await asyncio.sleep(0)
    assert transport.pieces == [b"head body", b"next"]


async def test_much_does_not_wait(joined: Any, transport: Transport) -> None:
    joined.write(b"head ")
    joined.write(b"x" * ENOUGH)
    assert transport.pieces == [b"head " + b"x" * ENOUGH]
    joined.write(b"rest")
    await asyncio.sleep(0)
    assert transport.pieces[1:] == [b"rest"]


async def test_what_waits_goes_out_before_the_end(joined: Any, transport: Transport) -> None:
    joined.write(b"farewell")
    joined.close()
    assert transport.pieces == [b"farewell"] and transport.closed


async def test_nothing_is_written_to_what_is_gone(joined: Any, transport: Transport) -> None:
    joined.write(b"too late")
    transport.closed = True
    await asyncio.sleep(0)
    assert transport.pieces == []


async def test_all_else_is_the_transports(joined: Any) -> None:
    assert joined.get_extra_info("socket") == "the transport's socket"
