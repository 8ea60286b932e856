from __future__ import annotations

from typing import Any, cast

from api.dialect import JUPYTERHUB, OURS
from api.openapi import Endpoint
from api.operation import Api
from api.resources.description import Description
from api.urls import Urls


def test_made_once_of_what_is_there_at_the_first_call() -> None:
    endpoints: list[Endpoint] = []
    description = Description(Api(cast(Any, None), cast(Any, None), Urls("/x/")), endpoints)
    endpoints.append(Endpoint(OURS, "/openapi.json", description))
    document = description.of(OURS)
    assert document["paths"].keys() == {"/openapi.json"}
    assert document["servers"] == [{"url": "/x/api"}]
    assert description.of(OURS) is document
    assert description.of(JUPYTERHUB)["paths"] == {}
