"""Where lanes touch the world."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.limiter import Limiter
from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import HubgateAskHook, Question
from gateway.routes import Route
from tests.gateway.proxy.plant import head_of, plant
from tests.gateway.proxy.playbook import get, response, status
from tests.gateway.proxy.values import ME, PEER, user


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head_of(reader)
    writer.write(response(body=b"hello"))


async def asked(p: Any, digest: str) -> Question:
    question = Question(Credential("session", digest), PEER)
    await p.edge.hook(HubgateAskHook(question))
    return question


async def test_who_is_unknown_uses_up_the_limit(tmp_path: Path) -> None:
    """Attack 35: then the hub is not asked any more."""
    async with plant(tmp_path, hello) as p:
        p.edge.limiter = Limiter(burst=2, per_second=0)

        async def nobody(credential: Credential) -> bool:
            return p.talk.replica.keep(credential, None, 1, p.talk.now)

        p.edge.asks.ask = nobody  # type: ignore[method-assign]
        found = [await asked(p, str(number)) for number in range(4)]
        assert [question.limited for question in found] == [False, False, True, True]
        assert [question.answered for question in found] == [True, True, False, False]


async def test_who_is_known_does_not(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        p.edge.limiter = Limiter(burst=1, per_second=0)

        async def everybody(credential: Credential) -> bool:
            return p.talk.replica.keep(credential, user(digest=credential.digest), 1, p.talk.now)

        p.edge.asks.ask = everybody  # type: ignore[method-assign]
        assert not any([(await asked(p, str(number))).limited for number in range(5)])


async def test_a_hub_that_is_away_answers_nothing(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        question = await asked(p, "x")
        assert not question.answered
        assert len(p.asked) == 1
        assert ME.digest


@pytest.mark.parametrize("kind", ["custom", "service"])
async def test_no_route_but_the_gateways_own_leads_to_a_unix_socket(tmp_path: Path, kind: Any) -> None:
    """Attack 27: a custom route to the hub's own socket."""
    async with plant(tmp_path, hello) as p:
        route = Route(f"{kind}:x", kind, ("user", "alice"), url=p.route.url)
        p.talk.replica.table = p.talk.replica.table.changed(put=[route], drop=[p.route.id])
        scopes = {"access:services"}
        known = user(scopes=frozenset(scopes))
        p.talk.replica.keep(Credential("session", known.digest), known, 1, p.talk.now)
        _, reader, writer = await p.connect()
        writer.write(get("/user/alice/x"))
        assert status(await head_of(reader)) == 503
        assert p.upstreams == []


async def test_the_list_of_connections(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        handler, _, writer = await p.connect()
        assert list(p.edge.connections.values()) == [handler]
        writer.close()
        await p.quiet()
        assert p.edge.connections == {}
