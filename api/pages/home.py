"""The home page: my servers, and what can be done with each."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.page import Page, title_of
from api.pages.presets import PresetRow, row
from api.pages.rendering import Context, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.hub.idle import Ending
from gateway.hub.lifecycle import shown
from gateway.model import AuditEntry, Identity, Server
from gateway.scopes import allows
from gateway.sharing import Grant

SHARED = 50
"""Servers of others that are shown."""

PRESETS = 6
"""Presets that a card offers; the start page has all."""

LATELY = 10
"""Captures that are told of after their end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCard:
    title: Annotated[str, "Its display name, else its name"]
    phase: Annotated[str, "stopped, starting, ready or stopping"]
    state: Annotated[str, "The same in words"]
    detail: Annotated[str, "What it is and since when"]
    message: Annotated[str, "Why it stopped, if there is something to say"]
    address: Annotated[str, "The path of the server itself"]
    start: Annotated[str, "The page where it is started"]
    pending: Annotated[str, "The page that shows a start's progress"]
    stop: Annotated[str, "Where a stop is posted"]
    used: Annotated[str, "When it was last used; of a stopped one, `detail` says so"]
    ends: Annotated[str, "When it will be stopped by itself, if nobody uses it until then; empty for never"]
    share: Annotated[str, "The page where it can be shared, or empty"]
    ending: Annotated[str, "That it will be stopped soon by itself, and why; else empty"]
    keep: Annotated[str, "Where one posts that it goes on; empty when that is of no avail"]
    remove: Annotated[str, "Where its removal is posted; empty for the default server"]
    restart: Annotated[str, "Where a restart is posted"]
    rename: Annotated[str, "Where another name for it is posted"]
    given: Annotated[str, "The name that it was given, or empty"]
    log: Annotated[str, "The page with its log"]
    log_size: Annotated[str, "How long the log is; empty when there is none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCard:
    title: Annotated[str, "Its name"]
    detail: Annotated[str, "That it does not answer, if it does not"]
    address: Annotated[str, "Its path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCard:
    who: Annotated[str, "The name of who entered"]
    server: Annotated[str, "Which server, in words"]
    ago: Annotated[str, "When"]
    how: Annotated[str, "As what, in words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCard:
    title: Annotated[str, "The server's name; that of a default server in words"]
    owner: Annotated[str, "Whose it is"]
    phase: Annotated[str, "stopped, starting, ready or stopping"]
    state: Annotated[str, "The same in words"]
    detail: Annotated[str, "That it is for looking only, and when it ends"]
    address: Annotated[str, "The path of the server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCard:
    who: Annotated[str, "The name of who records, or recorded"]
    reason: Annotated[str, "Why, as they said"]
    time: Annotated[str, "When it ends, or when it began"]
    unredacted: Annotated[bool, "Are secrets recorded as they are?"] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContext(Context):
    template: ClassVar[str] = "home.html"
    servers: Annotated[tuple[ServerCard, ...], "The default server first, then the named ones"]
    services: Annotated[tuple[ServiceCard, ...], "Those that this person may visit"]
    visits: Annotated[tuple[VisitCard, ...], "Others who entered this person's servers, the last one first"]
    shared: Annotated[tuple[SharedCard, ...], "Servers of others that this person may enter"]
    done: Annotated[str, "What was just done, or empty"]
    recordings: Annotated[tuple[RecordingCard, ...], "Captures that record this person, or may, now"]
    recorded: Annotated[tuple[RecordingCard, ...], "Captures that have recorded this person, the last one first"]
    presets: Annotated[tuple[PresetRow, ...], "Presets from which a stopped server can be started; not all of them"]
    may_add: Annotated[bool, "May there be another named server?"]
    refresh: Annotated[int, "Seconds after which the page looks again by itself; 0 = never"]


class HomePage(Page):
    """`/hub/home`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        name = req.caller.name
        records = await self.hub.servers.of_user(name)
        now = time.time()
        frame = self.frame(req)
        cards = tuple([await self._card(req.caller, record, now, frame.language) for record in records])
        context = HomeContext(
            frame=frame,
            servers=cards,
            services=self._services(req, frame.language),
            visits=await self._visits(name, now, frame.language),
            shared=await self._shared(name, frame.language, now),
            done=self.done(req, frame),
            recordings=tuple(
                RecordingCard(
                    who=_name(each.by),
                    reason=plain(each.reason),
                    time=frame.language.until(each.until, now),
                    unredacted=not each.redact,
                )
                for each in self.hub.captures.covering(name)
            ),
            recorded=await self._recorded(name, now, frame.language),
            presets=await self._presets(name),
            may_add=len([record for record in records if record.name]) < self.hub.settings.spawner.servers_per_user,
            refresh=_refresh(cards),
        )
        self.show(req, resp, context)

    async def _visits(self, name: str, now: float, language: Language) -> tuple[VisitCard, ...]:
        if not self.hub.settings.traffic.notify_users:
            return ()
        return tuple(_visit(entry, now, language) for entry in await self.hub.visits.of(name))

    async def _recorded(self, name: str, now: float, language: Language) -> tuple[RecordingCard, ...]:
        if not self.hub.settings.traffic.notify_users:
            return ()
        found = await self.hub.captures.history(name, LATELY)
        return tuple(
            RecordingCard(
                who=_name(entry.actor),
                reason=plain(entry.detail.partition(": ")[2]),
                time=language.ago(entry.time, now),
            )
            for entry in found
        )

    async def _presets(self, name: str) -> tuple[PresetRow, ...]:
        """Those whose profile there is still; whether this person may start it is judged when they do."""
        known = {profile.name: profile.value() for profile in self.hub.settings.profiles}
        found = await self.hub.presets.of_user(name)
        return tuple(
            row(each, known[each.profile], f"{self.urls.hub}spawn") for each in found if each.profile in known
        )[:PRESETS]

    def _services(self, req: Request, language: Language) -> tuple[ServiceCard, ...]:
        return tuple(
            ServiceCard(
                title=each.service.name,
                detail=language.say("service-down") if each.status == "down" else "",
                address=each.prefix,
            )
            for each in self.hub.services.listing()
            if each.service.display
            and each.service.url
            and allows(req.caller.scopes, "access:services", service=each.service.name)
        )

    async def _card(self, caller: Identity, server: Server, now: float, language: Language) -> ServerCard:
        where = shown(server.state)
        size = await self.hub.servers.log_size(server.user, server.name)
        ending = self.hub.culling.ending(server.user, server.name) if where == "ready" else None
        return ServerCard(
            title=plain(server.display_name or server.name or language.say("my-server")),
            phase=where,
            state=language.say(f"state-{where}"),
            detail=" · ".join(
                part for part in (self._profile(server.profile), _since(server, where, now, language)) if part
            ),
            message=plain(language.why(server)) if where == "stopped" else "",
            restart=self.urls.page("restart", server.user, server.name),
            rename=self.urls.page("rename", server.user, server.name),
            given=plain(server.display_name),
            log=self.urls.page("log", server.user, server.name),
            log_size=language.size(size) if size else "",
            address=self.urls.server(server.user, server.name),
            start=self.urls.page("spawn", server.user, server.name),
            pending=self.urls.page("spawn-pending", server.user, server.name),
            stop=self.urls.page("stop", server.user, server.name),
            used=language.ago(server.last_activity, now) if where == "ready" else "",
            ends=_expected(self.hub.culling.expected(server), now, language) if where == "ready" else "",
            share=self._share(caller, server),
            ending=_warning(ending, now, language) if ending else "",
            keep=self.urls.page("keep-alive", server.user, server.name) if ending and ending.why == "idle" else "",
            remove=self.urls.page("remove", server.user, server.name) if server.name else "",
        )

    def _share(self, caller: Identity, server: Server) -> str:
        may = self.hub.shares.handlers and allows(caller.scopes, "shares", user=server.user, server=server.name)
        return f"{self.urls.hub}shares?{urlencode({'server': server.name})}#new" if may else ""

    async def _shared(self, name: str, language: Language, now: float) -> tuple[SharedCard, ...]:
        grants, _ = await self.hub.shares.of_user(name, limit=SHARED)
        return tuple([await self._shared_card(grant, language, now) for grant in grants])

    async def _shared_card(self, grant: Grant, language: Language, now: float) -> SharedCard:
        record = await self.hub.servers.get(grant.owner, grant.server) or Server(grant.owner, grant.server)
        where = shown(record.state)
        parts = (
            language.say("for-looking") if grant.view_only else "",
            language.say("shared-until", until=language.until(grant.expires_at, now)) if grant.expires_at else "",
        )
        return SharedCard(
            title=title_of(record, language),
            owner=grant.owner,
            phase=where,
            state=language.say(f"state-{where}"),
            detail=" · ".join(filter(None, parts)),
            address=self.urls.server(grant.owner, grant.server) + grant.path.lstrip("/"),
        )

    def _profile(self, name: str) -> str:
        """A profile's name for people; what was taken out of the settings keeps its plain name."""
        for profile in self.hub.settings.profiles:
            if profile.name == name:
                return plain(profile.display_name or profile.name)
        return plain(name)


class RootPage:
    """`/` and `/hub/`: home, or log-in."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    async def on_get(self, req: Request, resp: Response) -> None:
        redirect(resp, self._urls.home if req.user else self._urls.login)


def _name(actor: str) -> str:
    """Of `user:alice`, the person."""
    return plain(actor.partition(":")[2] or actor)


def _visit(entry: AuditEntry, now: float, language: Language) -> VisitCard:
    role = entry.detail.removeprefix("as ").partition(",")[0]
    return VisitCard(
        who=_name(entry.actor),
        server=plain(entry.subject.partition("/")[2]) or language.say("my-server"),
        ago=language.ago(entry.time, now),
        how=language.say("as-administrator") if role == "administrator" else "",
    )


def _warning(ending: Ending, now: float, language: Language) -> str:
    return language.say(f"ends-{ending.why}", when=language.until(ending.at, now), limit=language.span(ending.limit))


def _expected(ending: Ending | None, now: float, language: Language) -> str:
    return language.say(f"expected-{ending.why}", when=language.until(ending.at, now)) if ending else ""


def _refresh(cards: Iterable[ServerCard]) -> int:
    if any(card.phase == "stopping" for card in cards):
        return 3
    return 20 if any(card.ending for card in cards) else 0


def _since(server: Server, where: str, now: float, language: Language) -> str:
    if where == "ready" and server.started is not None:
        return language.say("started", ago=language.ago(server.started, now))
    if where == "stopped" and server.last_activity is not None:
        return language.say("last-used", ago=language.ago(server.last_activity, now))
    return ""
