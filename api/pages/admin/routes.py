"""The routing table, and the routes in it that administrators make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.listing import Pager, offset, pager, part
from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, Conflict, HubgateError
from gateway.model import CustomRoute
from gateway.routes import Route, escape

type Access = Literal["authenticated", "admin", "public"]
ACCESS: tuple[Access, ...] = ("authenticated", "admin", "public")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    path: Annotated[str, "The path below the base path"]
    target: Annotated[str, "Where it leads"]
    kind: Annotated[str, "In words: the hub's, of a server, of a service, or an administrator's"]
    owner: Annotated[str, "Whose server it leads to, or empty"]
    access: Annotated[str, "Who may use an administrator's route, in words; else empty"]
    ours: Annotated[bool, "Was it made by an administrator, who can remove it?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    value: Annotated[str, "What is sent"]
    label: Annotated[str, "What people read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRoutesContext(Context):
    template: ClassVar[str] = "admin_routes.html"
    routes: Annotated[tuple[RouteRow, ...], "A part of all, by path"]
    pager: Annotated[Pager, "Which part"]
    doors: Annotated[tuple[Door, ...], "Who may use a route: what there is to choose from"]
    path: Annotated[str, "What was put in as path, when something was wrong"]
    target: Annotated[str, "What was put in as target, when something was wrong"]
    action: Annotated[str, "Where the page's forms are posted"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class AdminRoutes(AdminPage):
    """`/hub/admin/routes`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        by = await self.admit(req, "proxy")
        form = req.form
        if form.get("action") == "remove":
            await self.hub.custom_routes.remove(form.get("path", ""), by=by)
            self.back(resp, self.urls.admin("routes"), "route-removed")
            return
        try:
            wish = CustomRoute(form.get("path", "").strip(), form.get("target", "").strip(), access=_access(form))
            await self.hub.custom_routes.add(wish, by=by)
        except (BadInput, Conflict) as error:
            await self._show(req, resp, error)
            return
        self.back(resp, self.urls.admin("routes"), "route-made")

    async def _show(self, req: Request, resp: Response, error: HubgateError | None = None) -> None:
        await self.admit(req, "proxy")
        frame, begin = self.frame(req), offset(req.query("offset"))
        found = sorted((self._path(route), route) for route in self.hub.routes.table.by_id.values() if route.url)
        rows = part(found, begin)
        context = AdminRoutesContext(
            frame=frame,
            routes=tuple(self._row(path, route, frame.language) for path, route in rows),
            pager=pager(self.urls.admin("routes"), {}, begin, len(rows), len(found)),
            doors=tuple(Door(value=value, label=frame.language.say(f"route-{value}")) for value in ACCESS),
            path=plain(req.form.get("path", "")) if error else "",
            target=plain(req.form.get("target", "")) if error else "",
            action=self.urls.admin("routes"),
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)

    def _path(self, route: Route) -> str:
        base = len(self.hub.routes.base)
        return "".join(f"/{escape(segment)}" for segment in route.prefix[base:]) + "/"

    def _row(self, path: str, route: Route, language: Language) -> RouteRow:
        ours = route.kind == "custom"
        return RouteRow(
            path=path,
            target=plain(route.url),
            kind=language.say(f"route-of-{route.kind}"),
            owner=route.owner,
            access=language.say(f"route-{route.access}") if ours else "",
            ours=ours,
        )


def _access(form: Mapping[str, str]) -> Access:
    for access in ACCESS:
        if form.get("access") == access:
            return access
    raise BadInput(f"access must be one of {', '.join(ACCESS)}", key="no-action")
