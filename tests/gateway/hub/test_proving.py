"""Whatever an authenticator raises, returns or never returns: no admission, and a log without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.errors import Forbidden, HubgateError, TooMany, Unavailable
from gateway.hookspecs import Departure, NoOptions
from gateway.hub import proving
from gateway.model import Login
from tests.gateway.hub.providers import Provider, played
from tests.plugins.storage import MemoryStorage

CODE = "the-code-of-somebody"


class Options(BaseModel):
    client_secret: str = "s3cret-of-the-client"


async def asked(what: Any, checked: Callable[[Any], Any] = proving.login, seconds: float = 5.0) -> Any:
    async def call() -> Any:
        return await played(what)

    provider = Provider(Options(), MemoryStorage())
    return await proving.asked(provider, "finish", call, checked, seconds=seconds, secrets=[CODE])


async def test_a_clear_yes() -> None:
    said = Login(" ALICE ", admin=False, groups=("staff",), memory={"id": 7})
    assert await asked(said) == Login("alice", admin=False, groups=("staff",), memory={"id": 7})
    assert await asked(None) is None


NONSENSE = [
    "alice",
    True,
    {"name": "alice"},
    Login(None),  # type: ignore[arg-type]
    Login("alice", admin="no"),  # type: ignore[arg-type]
    Login("alice", groups="admins"),  # type: ignore[arg-type]
    Login("alice", groups=(7,)),  # type: ignore[arg-type]
    Login("alice", groups=("g",) * 2000),
    Login("alice", memory=object()),  # type: ignore[arg-type]
    Login("alice", memory="x" * 10_000),
    Login("alice", memory=float("nan")),
]


@pytest.mark.parametrize("said", NONSENSE, ids=repr)
async def test_nonsense(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable):
        await asked(said)
    assert "authenticator provider failed (finish)" in caplog.text


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 300, "a\0b"])
async def test_a_name_that_nobody_can_have(name: str) -> None:
    with pytest.raises(Forbidden):
        await asked(Login(name))


@pytest.mark.parametrize("error", [Forbidden("Not today."), TooMany("Slowly.", retry_after=3)])
async def test_a_refusal_in_words_passes(error: HubgateError) -> None:
    with pytest.raises(type(error)) as caught:
        await asked(error)
    assert caught.value is error


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError("provider is down"), KeyError("sub"), Unavailable("x"), SystemExit(1), Unspeakable()],
    ids=repr,
)
async def test_everything_else_is_said_to_be_away(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable):
        await asked(error)
    assert type(error).__name__ in caplog.text
    assert "providers.py, line" in caplog.text


async def test_the_log_names_the_cause_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    text = f"POST https://p.example/token?code={CODE}&client_secret=s3cret-of-the-client\n\x1b[31m gave 500"
    with pytest.raises(Unavailable) as caught:
        await asked(RuntimeError(text))
    assert "gave 500" in caplog.text
    for secret in (CODE, "s3cret-of-the-client", "\x1b"):
        assert secret not in caplog.text
        assert secret not in caught.value.message


async def test_one_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable):
        await asked("hang", seconds=0.01)
    assert "no answer within 0.01 s" in caplog.text


async def test_one_that_does_not_let_itself_be_cancelled() -> None:
    done = asyncio.Event()

    async def stubborn() -> Login:
        while not done.is_set():
            try:
                await done.wait()
            except asyncio.CancelledError:
                continue
        return Login("alice")

    provider = Provider(NoOptions(), MemoryStorage())
    with pytest.raises(Unavailable):
        await proving.asked(provider, "finish", stubborn, proving.login, seconds=0.01)
    done.set()


async def test_one_that_is_not_async() -> None:
    def old() -> Any:
        return Login("alice")

    call: Callable[[], Awaitable[object]] = old
    with pytest.raises(Unavailable):
        await proving.asked(Provider(NoOptions(), MemoryStorage()), "finish", call, proving.login, seconds=1)


def test_no_proof_is_a_refusal() -> None:
    assert proving.proven(Login("alice")).name == "alice"
    with pytest.raises(Forbidden):
        proving.proven(None)


@pytest.mark.parametrize("url", ["https://p.example", "https://p.example:8443/a?b=c&d=%20#e", "http://127.0.0.1:9/x"])
def test_urls(url: str) -> None:
    assert proving.url(url, insecure=True) == url
    assert proving.departure(Departure(url, {"a": 1}), insecure=True) == Departure(url, {"a": 1})


BAD_URLS = [
    None, 7, "", "/hub/home", "//evil", "javascript:alert(1)", "data:text/html,x", "ftp://p.example", "https://",
    "https://user:pw@p.example/", "https://p.example/\r\nSet-Cookie: a=b", "https://p.example/ x", "https://p.example/ü",
    "https://p.example\\@evil/", "https://p.example/" + "x" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS, ids=repr)
def test_where_no_browser_is_sent(url: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        proving.url(url, insecure=True)


def test_nobody_is_sent_into_the_open() -> None:
    with pytest.raises(ValueError, match="https"):
        proving.url("http://p.example/", insecure=False)
    with pytest.raises(TypeError):
        proving.departure("https://p.example/", insecure=False)
    with pytest.raises(ValueError, match="2048"):
        proving.departure(Departure("https://p.example/", "x" * 3000), insecure=False)


def test_texts() -> None:
    assert sorted(proving.texts({"a": ["b", {"c": "d"}], "e": 1, "f": None})) == ["b", "d"]
