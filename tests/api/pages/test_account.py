from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.hub.core import Hub
from tests.api.person import Person

type Someone = Callable[[str], Awaitable[Person]]


async def test_where_i_am_logged_in(alice: Person, person: Someone) -> None:
    await person("alice")
    page = (await alice.page("hub/account")).text
    assert page.count('action="/hub/account/sessions/') == 2
    assert page.count("this browser") == 1


async def test_end_one(alice: Person, person: Someone, hub: Hub) -> None:
    other = await person("alice")
    first, second = sorted(await hub.sessions.of_user("alice"), key=lambda session: int(session.id))
    answer = await alice.submit(f"hub/account/sessions/{second.id}", {}, page="hub/account")
    assert answer.headers["Location"] == "/hub/account?done=session-ended"
    assert (await other.page("hub/home")).headers["Location"].startswith("/hub/login")
    assert (await alice.page("hub/home")).status_code == 200
    answer = await alice.submit(f"hub/account/sessions/{first.id}", {}, page="hub/account")
    assert answer.headers["Location"] == "/hub/login"


async def test_end_all(alice: Person, person: Someone, hub: Hub) -> None:
    await person("alice")
    bob = await person("bob")
    answer = await alice.submit("hub/account/sessions", {}, page="hub/account")
    assert answer.headers["Location"] == "/hub/login"
    assert await hub.sessions.of_user("alice") == []
    assert (await bob.page("hub/home")).status_code == 200


async def test_sessions_of_others(alice: Person, person: Someone, hub: Hub) -> None:
    await person("bob")
    (theirs,) = await hub.sessions.of_user("bob")
    assert (await alice.submit(f"hub/account/sessions/{theirs.id}", {}, page="hub/account")).status_code == 404
    assert len(await hub.sessions.of_user("bob")) == 1
