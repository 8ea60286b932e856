from __future__ import annotations

import json

import pytest

from api.body import MAX_BODY, MAX_FORM, Body, fitted
from gateway.errors import BadInput
from tests.api.person import FORM, NAVIGATE, Person

BAD_JSON = ["{", "nul", "[1", '"\\ud800', "{'a': 1}", "\xff", "[" * 100_000]


@pytest.mark.parametrize("body", BAD_JSON)
async def test_what_is_no_json(root: Person, body: str) -> None:
    result = await root.send("POST", "hub/api/users/new", body, await key(root))
    assert (result.status_code, result.json["message"]) == (400, "Invalid JSON in body of request")


@pytest.mark.parametrize("body", ["[]", "1", '"x"', "true"])
async def test_json_that_is_no_object(root: Person, body: str) -> None:
    result = await root.send("POST", "hub/api/users/new", body, await key(root))
    assert result.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"note": "a\0b"},
        {"note": "\ud800"},
        {"note": "x", "scopes": ["a\0"]},
        {"note": {"a\0": 1}},
    ],
)
async def test_texts_that_cannot_be_kept(root: Person, body: object) -> None:
    result = await root.send("POST", "hub/api/users/alice/tokens", json.dumps(body), await key(root))
    assert result.status_code == 400
    assert "half a character" in result.json["message"]


@pytest.mark.parametrize("body", ["", " \n", "null", "{}"])
async def test_nothing_is_an_empty_object(root: Person, body: str) -> None:
    assert (await root.send("POST", "hub/api/users/carol", body, await key(root))).status_code == 201


async def test_too_much(root: Person) -> None:
    result = await root.send("POST", "hub/api/users/new", b" " * (MAX_BODY + 1), await key(root))
    assert result.status_code == 413


async def test_a_form_may_be_smaller_only(alice: Person) -> None:
    result = await alice.post("hub/stop/alice", {"a": "x" * MAX_FORM})
    assert result.status_code == 413


@pytest.mark.parametrize("depth", [900, 5_000, 60_000])
async def test_depth_is_no_bug(root: Person, depth: int) -> None:
    body = '{"note":' + "[" * depth + "]" * depth + "}"
    result = await root.send("POST", "hub/api/users/alice/tokens", body, await key(root))
    assert result.status_code == 400


async def test_the_type_is_not_asked_of_tokens(root: Person) -> None:
    from tests.api.resources.test_tokens import make

    caller = Person(root.conductor, token=await make(root, "root"))
    result = await caller.send("POST", "hub/api/users/dave", '{"admin": true}', {"Content-Type": "text/plain"})
    assert (result.status_code, result.json["admin"]) == (201, True)


@pytest.mark.parametrize("type_", ["", "text/plain", "application/json", "multipart/form-data; boundary=x"])
async def test_forms_are_forms(alice: Person, type_: str) -> None:
    result = await alice.post("hub/stop/alice", {"_xsrf": "x"}, Content_Type=type_)
    assert result.status_code == 415


async def test_a_form_with_too_many_fields(alice: Person) -> None:
    result = await alice.send("POST", "hub/stop/alice", "a=1&" * 101, {**NAVIGATE, "Content-Type": FORM})
    assert result.status_code == 400


async def test_a_form_that_is_no_utf8(alice: Person) -> None:
    result = await alice.send("POST", "hub/stop/alice", b"\xff=1", {**NAVIGATE, "Content-Type": FORM})
    assert result.status_code == 400


class Sample(Body):
    admin: bool = False
    n: int = 0
    s: str | None = None
    many: list[str] = []  # noqa: RUF012  # a pydantic field


def test_keys_and_types() -> None:
    assert fitted(Sample, {"admin": True, "n": 1, "s": None}).n == 1
    assert fitted(Sample, {}).admin is False
    for wrong in ({"admin": 1}, {"admin": "yes"}, {"n": True}, {"n": 1.5}, {"s": []}, {"more": 1}, {"many": [1]}):
        with pytest.raises(BadInput):
            fitted(Sample, wrong)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"b": 1, "a": 1, "n": 1}, "Invalid JSON keys: a, b"),
        ({"n": "1"}, "n should be a valid integer"),
        ({"many": ["x", 1]}, "many.1 should be a valid string"),
        ({f"k{n}": 1 for n in range(9)}, "Invalid JSON keys: k0, k1, k2, k3, k4 …"),
        ({"x" * 999_999: 1}, f"Invalid JSON keys: {'x' * 40}… (999999 characters)"),
    ],
)
def test_a_mistake_is_named(fields: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        fitted(Sample, fields)
    assert caught.value.message == message


@pytest.mark.parametrize("body", ['{"admin": true, "admin": false}', '{"admin": NaN}', '{"n": Infinity}'])
async def test_json_that_two_readers_read_differently(root: Person, body: str) -> None:
    result = await root.send("POST", "hub/api/users/new", body, await key(root))
    assert result.status_code == 400


async def key(person: Person) -> dict[str, str]:
    """The header that proves a script's call to be ours."""
    from tests.api.person import proof

    return {"X-XSRFToken": proof(await person.page("hub/spawn")), "Content-Type": "application/json"}
