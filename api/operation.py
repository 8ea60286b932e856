"""What a responder says of itself: who may call it, what goes in, what comes out.

    class OneUser(Resource):
        @operation("A user", scopes=USER_SCOPES, answers={200: UserModel})
        async def on_get(self, req: Request, resp: Response, user: str) -> None: ...

The scopes are checked before the responder runs (`middleware.Admit`), for the user, server,
group or service that the path names. The rest is documentation, which tests hold against
every answer (`api.openapi`). A responder of the API without a declaration does not start.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.access import Access
from api.dialect import Dialect, Varies
from api.urls import Urls
from gateway.hub.core import Hub

METHODS = ("get", "post", "put", "patch", "delete")
PLACE = ("user", "server", "group", "service")
"""Path fields by which a scope may be filtered."""

type Responder = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Api:
    """What every resource is made with."""

    hub: Hub
    access: Access
    urls: Urls


class Resource:
    """One noun of the API. One instance answers in both dialects."""

    def __init__(self, api: Api) -> None:
        self.hub = api.hub
        self.access = api.access
        self.urls = api.urls


@dataclass(frozen=True, slots=True)
class Query:
    """A field of the query."""

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


class Empty:
    """An answer without a body."""


class Events:
    """An answer that is a stream of server-sent events."""


class Download:
    """An answer that is a file to be kept, of whatever type its headers say."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A responder's declaration."""

    summary: str
    scopes: tuple[str, ...] = ()
    """Any one of these is needed; () = any valid credential."""
    open_to_all: bool = False
    """Nothing here depends on the caller: no credential, no proof against forgery."""
    own_door: bool = False
    """Without a credential it is the responder that says what is wanted."""
    filters: bool = False
    """The path names no resource, and a filtered scope is enough: the responder shows what it covers."""
    query: tuple[Query, ...] = ()
    body: Any = None
    """A `Body` class, or `Varies`."""
    answers: Mapping[int, Any] = field(default_factory=dict)
    """By status: a type whose JSON Schema is the body's, `Empty`, `Events`, `Download`, `Varies`, or several."""
    about: str = ""
    """The responder's docstring."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Of the fields that a path may leave out: `server` "" is the default server."""

    def place(self, params: Mapping[str, Any]) -> dict[str, str]:
        """The resource that these path fields name, as `Access.require` takes it."""
        return {**self.defaults, **{name: params[name] for name in PLACE if name in params}}

    def answer(self, status: int, dialect: Dialect) -> Any:
        return Varies.of(self.answers.get(status), dialect)


def operation(
    summary: str,
    *,
    scopes: tuple[str, ...] = (),
    open_to_all: bool = False,
    own_door: bool = False,
    filters: bool = False,
    query: tuple[Query, ...] = (),
    body: Any = None,
    answers: Mapping[int, Any],
) -> Callable[[Responder], Responder]:
    """Declare a responder. It is not wrapped, only marked."""

    def mark(responder: Responder) -> Responder:
        parameters = inspect.signature(responder).parameters
        defaults = {
            name: parameters[name].default
            for name in PLACE
            if name in parameters and parameters[name].default is not inspect.Parameter.empty
        }
        declared = Operation(
            summary=summary,
            scopes=scopes,
            open_to_all=open_to_all,
            own_door=own_door,
            filters=filters,
            query=query,
            body=body,
            answers=answers,
            about=inspect.cleandoc(responder.__doc__ or ""),
            defaults=defaults,
        )
        setattr(responder, _MARK, declared)
        return responder

    return mark


_MARK = "operation"
_NAMES = {method.upper(): f"on_{method}" for method in METHODS}


def declared(resource: object, method: str) -> Operation | None:
    """The declaration of a resource's responder for an HTTP method."""
    return getattr(getattr(resource, _NAMES.get(method, ""), None), _MARK, None)


def operations(resource: Resource) -> Iterator[tuple[str, Operation]]:
    """All of a resource's methods with their declarations; `TypeError` where one is missing."""
    for method in METHODS:
        if hasattr(resource, f"on_{method}"):
            found = declared(resource, method.upper())
            if found is None:
                raise TypeError(f"{type(resource).__name__}.on_{method} has no @operation")
            yield method, found
