"""What is different in every resource, said once: the same calls in both dialects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from api.dialect import JUPYTERHUB, OURS, Dialect, Varies, dialect_of
from gateway.hub.core import Hub
from tests.api.person import HOST, Person

type Program = Callable[..., Awaitable[Person]]


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/hub/api", JUPYTERHUB),
        ("/hub/api/users", JUPYTERHUB),
        ("/api", OURS),
        ("/api/", OURS),
        ("/apix", None),
        ("/hub/apix", None),
        ("/hub", None),
        ("/user/alice/api", None),
    ],
)
def test_which(path: str, dialect: Dialect | None) -> None:
    assert dialect_of(path, "/") is dialect
    assert dialect_of(f"/x{path}", "/x/") is dialect


def test_a_declaration_for_each() -> None:
    varies = Varies(jupyterhub=int, ours=str)
    assert (Varies.of(varies, JUPYTERHUB), Varies.of(varies, OURS), Varies.of(list, OURS)) == (int, str, list)


@pytest.mark.parametrize("path", ["user", "users", "users/alice", "users/nobody", "users/alice/tokens"])
async def test_without_a_credential(stranger: Person, path: str) -> None:
    result = await stranger.send("GET", f"hub/api/{path}")
    assert (result.status_code, result.json["message"]) == (403, "Missing or invalid credentials.")
    assert "www-authenticate" not in result.headers
    result = await stranger.send("GET", f"api/{path}")
    assert (result.status_code, result.headers["www-authenticate"]) == (401, "Bearer")
    assert result.json == {"status": 401, "message": "Unauthorized: Missing or invalid credentials."}


@pytest.mark.parametrize("name", ["bob", "nobody"])
async def test_a_scope_for_others_only(program: Program, name: str) -> None:
    caller = await program("alice")
    hidden = await caller.send("GET", f"hub/api/users/{name}")
    assert (hidden.status_code, hidden.json["message"]) == (404, "No access to resources or resources not found")
    refused = await caller.send("GET", f"api/users/{name}")
    assert refused.status_code == 403
    assert refused.json["message"].startswith(
        "Forbidden: Action is not authorized with current scopes; requires any of"
    )


async def test_messages(program: Program) -> None:
    caller = await program("root")
    assert (await caller.send("GET", "hub/api/users/nobody")).json["message"] == "No such user"
    assert (await caller.send("GET", "api/users/nobody")).json["message"] == "Not Found: No such user"
    bad = await caller.send("POST", "api/users/carol", "[")
    assert bad.json == {"status": 400, "message": "Bad Request: Invalid JSON in body of request"}


async def test_no_such_method_or_path(program: Program) -> None:
    caller = await program("root")
    for dialect, begin in (("hub/api", ""), ("api", "Method Not Allowed")):
        result = await caller.send("PUT", f"{dialect}/users/alice")
        assert (result.status_code, result.json["status"]) == (405, 405)
        assert result.json["message"].startswith(begin)
        result = await caller.send("GET", f"{dialect}/nothing/here")
        assert (result.status_code, result.json["status"]) == (404, 404)


@pytest.mark.parametrize("path", ["", "/users", "/users/alice", "/users/alice/servers/gpu"])
async def test_options_are_for_everybody(stranger: Person, path: str) -> None:
    for dialect in ("hub/api", "api"):
        result = await stranger.send("OPTIONS", dialect + path)
        assert (result.status_code, result.text) == (200, "")


async def test_pages_of_a_list(program: Program, hub: Hub) -> None:
    caller = await program("root")
    first = await caller.send("GET", "api/users?limit=4&x=1")
    assert len(first.json) == 4
    assert first.headers["link"] == f"<http://{HOST}/api/users?limit=4&x=1&offset=4>; rel=next"
    last = await caller.send("GET", "api/users?limit=4&offset=4")
    assert len(last.json) == 2
    assert "link" not in last.headers
    assert len((await caller.send("GET", "api/users?limit=100000")).json) == 6
    plain = await caller.send("GET", "hub/api/users?limit=4")
    assert "link" not in plain.headers


async def test_a_slash_at_the_end_names_nothing(program: Program) -> None:
    caller = await program("root")
    for dialect in ("hub/api", "api"):
        for path in ("/users", "/users/alice", "/users/alice/server", "/users/alice/tokens", "/user", ""):
            assert (await caller.send("GET", f"{dialect}{path}/")).status_code == 200
        assert (await caller.send("GET", f"{dialect}/users/alice/servers/")).json["name"] == ""
        assert (await caller.send("GET", f"{dialect}/users/alice/servers")).status_code == 404
        assert (await caller.send("GET", f"{dialect}/users//")).status_code == 404


async def test_shapes(program: Program, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    caller = await program("alice")
    theirs = (await caller.send("GET", "hub/api/users/alice")).json
    ours = (await caller.send("GET", "api/users/alice")).json
    assert "disabled" not in theirs
    assert ours["disabled"] is False
    assert "state" not in theirs["servers"][""]
    assert ours["servers"][""]["state"] == {}
    assert isinstance((await caller.send("GET", "api/users/alice/tokens")).json, list)
    assert (await caller.send("GET", "api")).json.keys() == {"version", "hubgate_version"}
