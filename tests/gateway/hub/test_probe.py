"""Is a server ready? Asked of real listeners on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest

from gateway.hub import probe
from gateway.model import Launch, Profile, Server, Target

pytestmark = pytest.mark.sockets


@asynccontextmanager
async def listening(answer: Callable[[str], bytes]) -> AsyncIterator[str]:
    """A server that answers a request's head; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(answer(head))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def status(*codes: int) -> tuple[list[str], Callable[[str], bytes]]:
    """Answers with these codes in turn, the last one for ever; and what was asked."""
    asked: list[str] = []

    def answer(head: str) -> bytes:
        asked.append(head)
        return f"HTTP/1.1 {codes[min(len(asked), len(codes)) - 1]} X\r\nContent-Length: 0\r\n\r\n".encode()

    return asked, answer


def launch(url: str, auth: Literal["token", "none"] = "token", ready_path: str = "api") -> Launch:
    server = Server("x y", "", target=Target(url, "s3cret"))
    return Launch(server, Profile("lab", "Lab", (), auth=auth, ready_path=ready_path), "/b/user/x%20y/", "/dev/null")


async def ready(launch: Launch, patience: float = 5) -> bool:
    try:
        async with asyncio.timeout(patience):
            await probe.until_ready(launch)
    except TimeoutError:
        return False
    return True


async def test_it_asks_below_the_servers_path_with_the_secret() -> None:
    asked, answer = status(200)
    async with listening(answer) as url:
        assert await ready(launch(url))
    lines = asked[0].split("\r\n")
    assert lines[0] == "GET /b/user/x%20y/api HTTP/1.1"
    assert "Authorization: token s3cret" in lines
    assert f"Host: {url.removeprefix('http://')}" in lines


async def test_without_auth_no_secret_is_told() -> None:
    asked, answer = status(404)
    async with listening(answer) as url:
        assert await ready(launch(url, "none", ""))
    assert "Authorization" not in asked[0]
    assert asked[0].startswith("GET /b/user/x%20y/ HTTP/1.1")


@pytest.mark.parametrize("code", [200, 204, 302, 404, 405])
async def test_every_answer_below_500_counts(code: int) -> None:
    async with listening(status(code)[1]) as url:
        assert await ready(launch(url))


@pytest.mark.parametrize("code", [401, 403, 500, 502, 503])
async def test_a_refused_secret_and_errors_do_not(code: int) -> None:
    asked, answer = status(code)
    async with listening(answer) as url:
        assert not await ready(launch(url), 0.3)
    assert len(asked) >= 2, "it is asked again"


@pytest.mark.parametrize("code", [401, 403])
async def test_a_server_with_its_own_log_in_is_ready_when_it_refuses_us(code: int) -> None:
    async with listening(status(code)[1]) as url:
        assert await ready(launch(url, "none"))


async def test_it_waits_for_a_server_that_comes_up_later() -> None:
    async with listening(status(503, 503, 200)[1]) as url:
        assert await ready(launch(url))


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-x\r\n", b"x" * 100_000]
)
async def test_what_speaks_no_http_is_not_ready(answer: bytes) -> None:
    async with listening(lambda _: answer) as url:
        assert not await ready(launch(url), 0.15)


async def test_nobody_there() -> None:
    async with listening(status(200)[1]) as url:
        pass
    assert not await ready(launch(url), 0.15)


async def test_one_that_accepts_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 0.05)
    asked: list[str] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append("")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert not await ready(launch(url), 0.5)
        assert len(asked) >= 2


async def test_a_record_without_a_target_is_never_ready() -> None:
    nothing = Launch(Server("alice", ""), Profile("lab", "Lab", ()), "/user/alice/", "/dev/null")
    assert not await ready(nothing, 0.15)


async def test_a_profile_may_name_the_status() -> None:
    asked, answer = status(200, 401)
    async with listening(answer) as url:
        named = launch(url)
        assert await ready(replace(named, profile=replace(named.profile, ready_status=401)))
    assert len(asked) == 2


async def test_an_app_at_its_own_root_is_asked_there() -> None:
    asked, answer = status(200)
    async with listening(answer) as url:
        named = launch(url, "none", "up")
        assert await ready(replace(named, profile=replace(named.profile, strip_prefix=True)))
    assert asked[0].startswith("GET /up HTTP/1.1\r\n")


async def test_a_port_is_enough_where_the_profile_says_so() -> None:
    asked, answer = status(500)
    async with listening(answer) as url:
        named = launch(url)
        by_port = replace(named, profile=replace(named.profile, ready="port"))
        assert await ready(by_port)
        assert not asked
    assert not await ready(by_port, patience=0.4)
