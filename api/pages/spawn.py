"""The start page: choose a profile, press one button. Nothing starts by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.access import Access, actor
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, Conflict, HubgateError, NotFound, TooMany
from gateway.hub.core import Hub
from gateway.hub.lifecycle import shown
from gateway.model import Server, User, checked_server_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    name: Annotated[str, "The profile's name, sent along with the form"]
    label: Annotated[str, "Its name for people"]
    chosen: Annotated[bool, "Is it the one that is marked?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnContext(Context):
    template: ClassVar[str] = "spawn.html"
    title: Annotated[str, "Which server"]
    owner: Annotated[str, "Whose server, if it is not the reader's; else empty"]
    choices: Annotated[tuple[Choice, ...], "The profiles that the owner may start"]
    action: Annotated[str, "Where the form is posted"]
    next: Annotated[str, "The path to go to once it runs, or empty"]
    message: Annotated[str, "Why the last try failed, or empty"]


class SpawnPage:
    """`/hub/spawn[/{user}[/{server}]]`."""

    def __init__(self, hub: Hub, access: Access, renderer: Renderer, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._renderer = renderer
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, user: str = "", server: str = "") -> None:
        if not user and (wanted := req.query("server").strip()):
            # From the home page, where no script puts the name into the path.
            redirect(resp, self._urls.page("spawn", req.caller.name, checked_server_name(wanted)))
            return
        owner, record = await self._target(req, user, server)
        then = self._urls.safe_next(req.query("next"))
        where = shown(record.state)
        if where == "ready":
            redirect(resp, then or self._urls.server(owner.name, server))
        elif where != "stopped":
            redirect(resp, self._urls.page("spawn-pending", owner.name, server, then))
        else:
            self._show(req, resp, owner, record, wanted=req.query("opt-profile"), then=then)

    async def on_post(self, req: Request, resp: Response, user: str = "", server: str = "") -> None:
        owner, record = await self._target(req, user, server)
        then = self._urls.safe_next(req.form.get("next", "") or req.query("next"))
        profile = req.form.get("profile", "")
        try:
            await self._hub.servers.start(owner.name, server, profile, by=actor(req.caller))
        except Conflict:
            pass  # pressed twice, or in two tabs: it is on its way already
        except (BadInput, TooMany) as error:
            self._show(req, resp, owner, record, wanted=profile, then=then, error=error)
            return
        redirect(resp, self._urls.page("spawn-pending", owner.name, server, then))

    async def _target(self, req: Request, user: str, server: str) -> tuple[User, Server]:
        """Whose server, and its record, which a new named server does not have in the store yet."""
        name = user or req.caller.name
        await self._access.require(req, "start:servers", user=name, server=server)
        owner = await self._hub.users.get(name)
        if owner is None:
            raise NotFound("No such user")
        record = await self._hub.servers.get(name, server)
        return owner, record or Server(user=name, name=checked_server_name(server))

    def _show(
        self,
        req: Request,
        resp: Response,
        owner: User,
        record: Server,
        *,
        wanted: str,
        then: str,
        error: HubgateError | None = None,
    ) -> None:
        profiles = self._hub.servers.profiles_for(owner)
        names = [profile.name for profile in profiles]
        chosen = next((name for name in (wanted, record.profile, *names) if name in names), "")
        context = SpawnContext(
            frame=self._renderer.frame(req),
            title=plain(record.display_name or record.name),
            owner=owner.name if owner.name != req.user else "",
            choices=tuple(
                Choice(
                    name=profile.name,
                    label=plain(profile.display_name or profile.name),
                    chosen=profile.name == chosen,
                )
                for profile in profiles
            ),
            action=self._urls.page("spawn", owner.name, record.name),
            next=then,
            message=plain(error.message) if error else "",
        )
        if error and error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        self._renderer.show(req, resp, context, error.status if error else 200)
