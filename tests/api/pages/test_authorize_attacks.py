"""OAuth attacked: each is refused, logged, and gives no token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.oauthworld import CALLBACK, CHALLENGE, OTHER, OTHER_SECRET, VERIFIER, VISITORS, WHO, me, sent, services
from tests.api.person import Person

ROLES = VISITORS

LOOSE = "!user"


@pytest.fixture(autouse=True)
async def _services(hub: Hub) -> None:
    await services(hub)


async def made(hub: Hub) -> int:
    """How many tokens OAuth has made."""
    return len([token for token in await hub.tokens.of_user("alice") if token.session])


@pytest.mark.parametrize(
    "redirect",
    [
        "/services/Who/oauth_callback",
        "/Services/who/oauth_callback",
        CALLBACK + "/",
        CALLBACK + "?",
        CALLBACK + "?next=https://evil.example",
        CALLBACK + "#fragment",
        CALLBACK + "%2F",
        "/services/who/oauth%5Fcallback",
        "/services/who/../mallory/oauth_callback",
        "/user/mallory/oauth_callback",
        "//evil.example" + CALLBACK,
        "https://evil.example" + CALLBACK,
        "http://hub.example:8000" + CALLBACK,
        "https://hub.example:8000@evil.example" + CALLBACK,
        "\\\\evil.example" + CALLBACK,
        "javascript:alert(1)",
        " " + CALLBACK,
        CALLBACK + "\r\nSet-Cookie: a=b",
        "",
    ],
)
async def test_a_browser_is_sent_to_no_other_address(
    hub: Hub, alice: Person, redirect: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await alice.page(WHO.address(redirect_uri=redirect))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "names another address" in caplog.text
    posted = await alice.submit(WHO.address(redirect_uri=redirect), {}, page=WHO.address())
    assert posted.status_code == 400
    assert await made(hub) == 0


@pytest.mark.parametrize("redirect", [OTHER.redirect_uri.upper(), OTHER.redirect_uri + "/", "https://other.example"])
async def test_an_address_elsewhere_is_compared_as_strictly(alice: Person, redirect: str) -> None:
    assert (await alice.page(OTHER.address(redirect_uri=redirect))).status_code == 400


async def test_a_parameter_that_stands_twice_sends_nobody_anywhere(alice: Person) -> None:
    twice = WHO.address() + "&redirect_uri=https%3A%2F%2Fevil.example"
    assert (await alice.page(twice)).status_code == 400
    assert (await alice.page(WHO.address() + "&client_id=service-other")).status_code == 400


async def test_a_stolen_code_is_of_no_use_without_the_secret(
    hub: Hub, alice: Person, stranger: Person, caplog: pytest.LogCaptureFixture
) -> None:
    code = await WHO.code(alice)
    for secret in ("", "wrong", OTHER_SECRET, None):
        answer = await WHO.exchange(stranger, code, client_secret=secret)
        assert (answer.status_code, answer.json) == (401, {"error": "invalid_client"})
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_client"'
    assert "the secret of client service-who is wrong" in caplog.text
    assert code not in caplog.text
    assert await made(hub) == 0
    # In the right hands it is still good.
    assert (await WHO.exchange(stranger, code)).status_code == 200


async def test_a_code_is_for_its_own_client(hub: Hub, alice: Person, stranger: Person) -> None:
    code = await WHO.code(alice)
    answer = await OTHER.exchange(stranger, code)
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_grant"})
    assert await made(hub) == 0


async def test_a_code_brought_again_ends_the_token_that_it_gave(
    hub: Hub, alice: Person, stranger: Person, caplog: pytest.LogCaptureFixture
) -> None:
    code = await WHO.code(alice)
    token = (await WHO.exchange(stranger, code)).json["access_token"]
    assert (await me(alice, token))["name"] == "alice"
    again = await WHO.exchange(stranger, code)
    assert (again.status_code, again.json) == (400, {"error": "invalid_grant"})
    assert "was used before" in caplog.text
    assert await me(alice, token) is None
    assert await made(hub) == 0


async def test_a_code_is_good_for_five_minutes(
    hub: Hub, alice: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await WHO.code(alice)
    now = hub.oauth._clock()
    monkeypatch.setattr(hub.oauth, "_clock", lambda: now + 301)
    assert (await WHO.exchange(stranger, code)).json == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("asked", "brought", "answer"),
    [
        ({}, {"code_verifier": None}, {"error": "invalid_request", "error_description": "Code verifier required."}),
        ({}, {"code_verifier": "w" * 43}, {"error": "invalid_grant"}),
        ({}, {"code_verifier": CHALLENGE}, {"error": "invalid_grant"}),
        ({"code_challenge": None, "code_challenge_method": None}, {}, {"error": "invalid_grant"}),
        ({"code_challenge_method": None}, {}, {"error": "invalid_grant"}),
    ],
    ids=["no verifier", "a wrong one", "the challenge", "the challenge was cut off", "plain, but meant as S256"],
)
async def test_a_proof_that_was_cut_off_or_is_wrong(
    hub: Hub,
    alice: Person,
    stranger: Person,
    asked: dict[str, str | None],
    brought: dict[str, str | None],
    answer: dict[str, str],
) -> None:
    code = await WHO.code(alice, **asked)
    refused = await WHO.exchange(stranger, code, **brought)
    assert refused.status_code == 400
    assert answer.items() <= refused.json.items()
    assert await made(hub) == 0


async def test_plain_proof_and_none_are_taken_unless_the_settings_want_one(
    hub: Hub, alice: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await WHO.code(alice, code_challenge=VERIFIER, code_challenge_method=None)
    assert (await WHO.exchange(stranger, plain)).status_code == 200
    none: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    code = await WHO.code(alice, **none)
    assert (await WHO.exchange(stranger, code, code_verifier=None)).status_code == 200
    monkeypatch.setattr(type(hub.oauth._terms), "require_pkce", True, raising=False)
    told = sent(await alice.page(WHO.address(**none)))
    assert (told["error"], told["error_description"]) == ("invalid_request", "Code challenge required.")


async def test_the_address_at_the_exchange_must_be_the_same(alice: Person, stranger: Person) -> None:
    code = await WHO.code(alice)
    answer = await WHO.exchange(stranger, code, redirect_uri="/user/mallory/oauth_callback")
    assert answer.status_code == 400
    assert answer.json == {"error": "invalid_request", "error_description": "Mismatching redirect URI."}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": "guessed"}, 400, "invalid_grant"),
        ({"client_id": "service-nobody"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
    ],
)
async def test_other_calls_for_a_token(
    alice: Person, stranger: Person, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = await WHO.exchange(stranger, await WHO.code(alice), **changes)
    assert (answer.status_code, answer.json["error"]) == (status, error)


async def test_a_form_of_another_page_agrees_to_nothing(hub: Hub, alice: Person, bob: Person) -> None:
    address = WHO.address()
    assert (await alice.post(address, {})).status_code == 403
    assert (await alice.post(address, {"_xsrf": "guessed"})).status_code == 403
    foreign = await bob.page(address)
    of_bob = foreign.text.partition('name="_xsrf" value="')[2].partition('"')[0]
    assert (await alice.post(address, {"_xsrf": of_bob})).status_code == 403
    evil = await alice.post(address, {"_xsrf": "x"}, Origin="https://evil.example", Sec_Fetch_Site="cross-site")
    assert evil.status_code == 403
    assert await made(hub) == 0


@pytest.fixture
async def bob(person: Callable[[str], Awaitable[Person]]) -> Person:
    return await person("bob")


@pytest.mark.parametrize("scope", ["admin:users", "inherit", "tokens!user", "read:users", "no:such", "access:servers"])
async def test_a_form_cannot_grant_more_than_was_asked_for(
    hub: Hub, root: Person, scope: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even an administrator's, who holds it all."""
    answer = await root.submit(WHO.address(scope="identify"), {"scopes": scope})
    assert sent(answer)["error"] == "invalid_scope"
    assert "code" not in sent(answer)
    assert "has scopes of its own" in caplog.text


async def test_a_client_gets_no_more_than_the_user_holds(
    hub: Hub, person: Callable[[str], Awaitable[Person]], root: Person
) -> None:
    await hub.services.add("greedy", "http://127.0.0.1:9", api_token="g" * 20, client=_all())
    page = await root.page(GREEDY.address())
    assert 'value="admin:users"' in page.text
    alice = await person("alice")
    page = await alice.page(GREEDY.address())
    assert "admin:users" not in page.text
    token = await GREEDY.token(alice)
    assert (await me(alice, token))["scopes"] == [
        "access:services!service=greedy",
        "read:users:groups!user=alice",
        "read:users:name!user=alice",
    ]


async def test_the_answer_of_another_client_is_not_this_ones(alice: Person) -> None:
    """What `state` is, the client alone knows: it comes back as it was sent, and no more of it."""
    state = "a b&code=x%26#/\"'<>"
    answer = await alice.submit(WHO.address(state=state), {})
    assert sent(answer)["state"] == state
    assert sent(answer)["code"] != "x"


async def test_a_token_ends_with_its_session_and_with_the_right_to_be_there(
    hub: Hub, alice: Person, person: Callable[[str], Awaitable[Person]]
) -> None:
    token = await WHO.token(alice)
    elsewhere = await person("alice")
    other = await WHO.token(elsewhere)
    await alice.page("hub/logout")
    assert await me(alice, token) is None
    assert (await me(alice, other))["name"] == "alice"
    await hub.users.set_disabled("alice", True)
    assert await me(alice, other) is None


async def test_a_token_is_no_log_in(alice: Person, stranger: Person) -> None:
    """It tells who somebody is, opens its own client, and nothing else."""
    token = await WHO.token(alice)
    program = Person(stranger.conductor, token=token)
    for path in ("users", "users/alice/tokens", "users/bob", "shares/alice"):
        assert (await program.api("GET", path)).status_code in (403, 404), path
    assert (await program.api("POST", "users/alice/tokens", {})).status_code == 403
    assert (await program.page("hub/home")).status_code == 302


async def test_nothing_can_be_read_out_of_a_broken_query(alice: Person, stranger: Person) -> None:
    assert (await alice.page(WHO.address() + "&x=%zz")).status_code in (200, 400)
    assert (await alice.page("hub/api/oauth2/authorize?client_id=service-who&redirect_uri=%ff")).status_code == 400
    assert (await alice.page("hub/api/oauth2/authorize")).status_code == 400
    nonsense = await stranger.send("POST", "hub/api/oauth2/token", b"\xff\xfe", {"Content-Type": "text/plain"})
    assert nonsense.status_code == 400
    in_query = await stranger.send("POST", "hub/api/oauth2/token?code=x", "", {})
    assert in_query.status_code == 400


def _all() -> object:
    from gateway.hub.serviceclients import Wanted

    return Wanted(scopes=("admin:users", "inherit"))


GREEDY = type(WHO)("service-greedy", "g" * 20, "/services/greedy/oauth_callback")
