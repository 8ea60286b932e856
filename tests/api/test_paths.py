from __future__ import annotations

from typing import Any

import pytest

from api.paths import RawPath, ServerConverter, UserConverter, routable, template_base, unslashed


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/", "/"),
        ("/hub/api/", "/hub/api/"),
        ("/%68ub/home", "/hub/home"),
        ("/u/a@b.c", "/u/a%40b.c"),
        ("/u/a%40b.c", "/u/a%40b.c"),
        ("/u/x%20y", "/u/x%20y"),
        ("/u/a%2Fb/server", "/u/a%2Fb/server"),
        ("/u/a%252Fb", "/u/a%252Fb"),
        ("/u/%C3%BCn%C3%AF", "/u/%C3%BCn%C3%AF"),
        ("/u/u%CC%88", "/u/%C3%BC"),
        ("/u/%ff", "/u/%EF%BF%BD"),
    ],
)
def test_each_path_has_one_spelling(raw: str, expected: str) -> None:
    assert routable(raw) == expected


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("alice", "alice"),
        ("Alice", "alice"),
        ("a%40b.c", "a@b.c"),
        ("x%20y", "x y"),
        ("%C3%BCn%C3%AF", "ünï"),
        ("a%2Fb", "a/b"),
        ("a%252Fb", "a%2fb"),
        ("", None),
        ("%20", None),
        ("a%00b", None),
    ],
)
def test_user_names(value: str, name: str | None) -> None:
    assert UserConverter().convert(value) == name


def test_server_names_are_not_touched() -> None:
    assert ServerConverter().convert("Gpu-1") == "Gpu-1"
    assert ServerConverter().convert("") is None
    assert ServerConverter().convert("%00") is None


def test_the_base_path_in_the_url_map() -> None:
    assert template_base("/") == "/"
    assert template_base("/x/y~z/") == "/x/y~z/"


async def test_the_app_sees_the_routable_path_and_the_raw_one() -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(scope)

    scope = {"type": "http", "path": "/u/a/b", "raw_path": b"/u/a%2fb"}
    await RawPath(app, "/")(scope, None, None)  # type: ignore[arg-type]  # never called
    assert (seen[0]["path"], seen[0]["raw_path"]) == ("/u/a%2Fb", b"/u/a%2fb")
    assert scope["path"] == "/u/a/b"
    await RawPath(app, "/")({"type": "lifespan"}, None, None)  # type: ignore[arg-type]  # never called
    assert seen[1] == {"type": "lifespan"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/hub/api/users/", "/hub/api/users"),
        ("/hub/api/", "/hub/api"),
        ("/api/users/alice/", "/api/users/alice"),
        ("/api/users//", "/api/users/"),
        ("/hub/api/users/alice/servers/", "/hub/api/users/alice/servers/"),
        ("/hub/api/shares/alice/", "/hub/api/shares/alice/"),
        ("/hub/api/share-codes/alice/", "/hub/api/share-codes/alice/"),
        ("/hub/api/users/alice/shared/bob/", "/hub/api/users/alice/shared/bob/"),
        ("/hub/api/users/alice", "/hub/api/users/alice"),
        ("/", "/"),
    ],
)
def test_slashes_at_the_end(path: str, found: str) -> None:
    assert unslashed(path) == found
