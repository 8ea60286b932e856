"""The routing table: JupyterHub's view of its proxy, and the routes that administrators add in our dialect."""

from __future__ import annotations

from typing import Any, Literal, TypedDict
from urllib.parse import unquote

from falcon.asgi import Response

from api.access import actor
from api.body import Body, read
from api.operation import Empty, Resource, operation
from api.paging import QUERY, Page, pages_of
from api.request import Request
from api.resources.models import Stamp, stamp
from gateway.errors import BadInput
from gateway.model import CustomRoute
from gateway.routes import Route, escape


class ProxyRoute(TypedDict):
    routespec: str
    target: str
    data: dict[str, Any]


class RouteModel(TypedDict):
    path: str
    target: str
    owner: str | None
    kind: Literal["hub", "server", "service", "custom"]
    access: Literal["admin", "authenticated", "public"]
    last_activity: Stamp | None


class NewRoute(Body):
    """`path` is below the base path; `target` is an address such as `http://10.0.0.5:9000`."""

    path: str
    target: str
    access: Literal["admin", "authenticated", "public"] = "authenticated"


class Proxy(Resource):
    """`/proxy` as JupyterHub has it."""

    @operation("The routing table", scopes=("proxy",), query=QUERY, answers={200: pages_of(dict[str, ProxyRoute])})
    async def on_get(self, req: Request, resp: Response) -> None:
        page = Page.of(req)
        found = {spec: _as_theirs(spec, route) for spec, route in self._table()}
        part = dict(list(found.items())[page.offset : page.offset + page.limit])
        page.answer(req, resp, part, len(found))

    @operation("Publish the routing table again", scopes=("proxy",), answers={200: Empty})
    async def on_post(self, _req: Request, resp: Response) -> None:
        """Workers have each change as it happens; this reads the custom routes anew."""
        await self.hub.custom_routes.load()
        resp.text = ""

    @operation("Not here", scopes=("proxy",), body=dict[str, Any], answers={400: None})
    async def on_patch(self, _req: Request, _resp: Response) -> None:
        """JupyterHub is told of another proxy by this. Here the workers find the hub."""
        raise BadInput("The gateway's workers are no proxy that could be exchanged")

    def _table(self) -> list[tuple[str, Route]]:
        routes = self.hub.routes.table.by_id.values()
        return sorted((_spec(route), route) for route in routes if route.url)


class Routes(Resource):
    """`/proxy` in our dialect."""

    @operation("The routing table, by path", scopes=("proxy",), answers={200: dict[str, RouteModel]})
    async def on_get(self, _req: Request, resp: Response) -> None:
        """Paths are relative to the base path and end in one slash."""
        used = {(server.user, server.name): server.last_activity for server in self.hub.servers.active()}
        found = [self._model(route, used) for route in self.hub.routes.table.by_id.values() if route.url]
        resp.media = {model["path"]: model for model in sorted(found, key=lambda model: model["path"])}

    @operation("Add a route", scopes=("proxy",), body=NewRoute, answers={201: RouteModel, 409: None})
    async def on_post(self, req: Request, resp: Response) -> None:
        """The session cookie and `Authorization` are never forwarded to it; who is calling stands in
        `X-Hubgate-Identity`."""
        wish = await read(req, NewRoute)
        route = await self.hub.custom_routes.add(
            CustomRoute(wish.path, wish.target, access=wish.access), by=actor(req.caller)
        )
        resp.status = 201
        resp.media = RouteModel(
            path=route.path, target=route.target, owner=None, kind="custom", access=route.access, last_activity=None
        )

    def _model(self, route: Route, used: dict[tuple[str, str], float | None]) -> RouteModel:
        base = len(self.hub.routes.base)
        return RouteModel(
            path="".join(f"/{escape(segment)}" for segment in route.prefix[base:]) + "/",
            target=route.url,
            owner=route.owner or None,
            kind=route.kind,
            access=route.access,
            last_activity=stamp(used.get((route.owner, route.server))) if route.kind == "server" else None,
        )


class OneRoute(Resource):
    """`/proxy/{path}`."""

    @operation("Remove a route; its open connections end", scopes=("proxy",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, path: str) -> None:
        """The path is relative to the base path, with or without its last slash."""
        # In the router's spelling: a slash that a client escaped is one all the same.
        whole = path.replace("%2F", "/").strip("/")
        await self.hub.custom_routes.remove(f"/{whole}/", by=actor(req.caller))
        resp.status = 204


def _spec(route: Route) -> str:
    return "".join(f"/{escape(segment)}" for segment in route.prefix) + "/"


def _as_theirs(spec: str, route: Route) -> ProxyRoute:
    """`data` as JupyterHub's hub gives it to its proxy."""
    data: dict[str, Any] = {}
    match route.kind:
        case "hub":
            data = {"hub": True}
        case "server":
            data = {"user": route.owner, "server_name": route.server}
        case "service":
            data = {"service": unquote(route.id.partition(":")[2])}
        case "custom":
            data = {"custom": True}
    return ProxyRoute(routespec=spec, target=route.url, data=data)
