from __future__ import annotations

from typing import Any, cast

import pytest
from falcon.asgi import Response

from api.operation import Api, Empty, Resource, declared, operation, operations
from api.request import Request
from api.urls import Urls

API = Api(cast(Any, None), cast(Any, None), Urls("/"))


class Thing(Resource):
    @operation("A thing", scopes=("read:servers",), answers={200: dict[str, Any]})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """More about it."""

    @operation("Another", answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str) -> None: ...


class Forgotten(Resource):
    async def on_get(self, req: Request, resp: Response) -> None: ...


def test_what_a_responder_says() -> None:
    found = declared(Thing(API), "GET")
    assert found
    assert (found.summary, found.about, found.scopes) == ("A thing", "More about it.", ("read:servers",))
    assert declared(Thing(API), "PUT") is None
    assert declared(object(), "GET") is None
    assert [method for method, _ in operations(Thing(API))] == ["get", "delete"]


def test_the_resource_that_a_path_names() -> None:
    get, delete = declared(Thing(API), "GET"), declared(Thing(API), "DELETE")
    assert get
    assert delete
    assert get.place({"user": "alice"}) == {"user": "alice", "server": ""}
    assert get.place({"user": "alice", "server": "gpu"}) == {"user": "alice", "server": "gpu"}
    assert delete.place({"user": "alice", "token": "a1"}) == {"user": "alice"}


def test_nothing_starts_without_a_declaration() -> None:
    with pytest.raises(TypeError, match=r"Forgotten\.on_get has no @operation"):
        list(operations(Forgotten(API)))
