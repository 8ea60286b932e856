"""The start page: choose a profile, fill in its form, press its button. Nothing starts by itself.

A link with `opt-…` or `preset` shows one profile's form, filled in, with one button. What is in a form can be kept
as a preset, which starts with one click.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

from falcon.asgi import Response

from api.access import actor
from api.pages import fields
from api.pages.fields import Field
from api.pages.language import Language
from api.pages.page import Page
from api.pages.presets import PresetRow, row
from api.pages.rendering import Context, redirect
from api.pages.words import plain
from api.request import Request
from gateway import options
from gateway.errors import BadInput, Conflict, HubgateError, NotFound, TooMany
from gateway.hub.lifecycle import shown
from gateway.hub.presets import LONGEST
from gateway.model import Preset, Profile, Server, User, checked_server_name
from gateway.options import BadOptions, Unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    name: Annotated[str, "The profile's name, sent along with its form"]
    label: Annotated[str, "Its name for people"]
    description: Annotated[str, "What it is, or empty"]
    chosen: Annotated[bool, "Is it the one that is probably wanted?"]
    fields: Annotated[tuple[Field, ...], "What can be said about it"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the page is to be filled in with."""

    then: str = ""
    profile: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    narrow: bool = False
    """Show that profile only."""
    error: HubgateError | None = None
    name: str = ""
    """Under which it is to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnContext(Context):
    template: ClassVar[str] = "spawn.html"
    title: Annotated[str, "Which server"]
    owner: Annotated[str, "Whose server, if it is not the reader's; else empty"]
    presets: Annotated[tuple[PresetRow, ...], "What the reader keeps to start from"]
    keeps: Annotated[bool, "May what is in a form be kept as a preset?"]
    kept_as: Annotated[str, "The name of a preset that was sent, to be shown again"]
    remove: Annotated[str, "Where a preset's deletion is posted"]
    done: Annotated[str, "What was just done, or empty"]
    offers: Annotated[tuple[Offer, ...], "The profiles that the owner may start; of a link only its own"]
    all: Annotated[str, "Where all of them are shown, if these are not all; else empty"]
    action: Annotated[str, "Where the form is posted"]
    next: Annotated[str, "The path to go to once it runs, or empty"]
    message: Annotated[str, "Why the last try failed, or any would, or empty"]


class SpawnPage(Page):
    """`/hub/spawn[/{user}[/{server}]]`."""

    async def on_get(self, req: Request, resp: Response, user: str = "", server: str = "") -> None:
        if not user and (wanted := req.query("server").strip()):
            # From the home page, where no script puts the name into the path.
            redirect(resp, self.urls.page("spawn", req.caller.name, checked_server_name(wanted)))
            return
        owner, record = await self._target(req, user, server)
        then = self.urls.safe_next(req.query("next"))
        where = shown(record.state)
        if where == "ready":
            redirect(resp, then or self.urls.server(owner.name, server))
        elif where != "stopped":
            redirect(resp, self.urls.page("spawn-pending", owner.name, server, then))
        else:
            await self._show(req, resp, owner, record, await self._linked(req, owner, then))

    async def on_post(self, req: Request, resp: Response, user: str = "", server: str = "") -> None:
        owner, record = await self._target(req, user, server)
        draft = await self._sent(req, owner)
        try:
            if draft.name:
                await self.hub.presets.save(owner.name, draft.name, draft.profile, draft.given)
            if req.form.get("keep"):
                self.back(resp, self.urls.page("spawn", owner.name, server, draft.then), "preset-kept")
                return
            given = draft.given if req.form.get("preset") else draft.given or None
            await self.hub.servers.start(owner.name, server, draft.profile, given, by=actor(req.caller))
        except Conflict:
            pass  # pressed twice, or in two tabs: it is on its way already
        except (BadInput, TooMany) as error:
            draft = replace(draft, narrow=isinstance(error, BadOptions), error=error)
            await self._show(req, resp, owner, record, draft)
            return
        redirect(resp, self.urls.page("spawn-pending", owner.name, server, draft.then))

    async def _linked(self, req: Request, owner: User, then: str) -> Draft:
        if name := req.query("preset"):
            preset = await self._preset(req, owner, name)
            return Draft(then, preset.profile, preset.options, narrow=True)
        names = [name for name in req.params if name.startswith(fields.PREFIX)]
        given = fields.given({name: req.query(name) for name in names})
        return Draft(then, req.query(f"{fields.PREFIX}profile"), given, narrow=bool(names))

    async def _sent(self, req: Request, owner: User) -> Draft:
        form = req.form
        then = self.urls.safe_next(form.get("next", "") or req.query("next"))
        if name := form.get("preset", ""):
            preset = await self._preset(req, owner, name)
            return Draft(then, preset.profile, preset.options)
        kept_as = form.get("preset_name", "").strip()
        if form.get("keep") and not kept_as:
            kept_as = form.get("profile", "")
        if kept_as:
            _own(req, owner)
        return Draft(then, form.get("profile", ""), fields.given(form), name=kept_as)

    async def _preset(self, req: Request, owner: User, name: str) -> Preset:
        """One of the reader's own, for a server of their own."""
        _own(req, owner)
        return await self.hub.presets.get(owner.name, name)

    async def _target(self, req: Request, user: str, server: str) -> tuple[User, Server]:
        """Whose server, and its record, which a new named server does not have in the store yet."""
        name = user or req.caller.name
        await self.access.require(req, "start:servers", user=name, server=server)
        owner = await self.hub.users.get(name)
        if owner is None:
            raise NotFound("No such user", key="no-user")
        record = await self.hub.servers.get(name, server)
        return owner, record or Server(user=name, name=checked_server_name(server))

    def _paused(self, language: Language) -> str:
        """Said before somebody has filled in a form in vain."""
        paused = self.hub.notices.paused()
        return plain(language.told(paused)) if paused else ""

    async def _show(self, req: Request, resp: Response, owner: User, record: Server, draft: Draft) -> None:
        frame = self.frame(req)
        profiles = {profile.name: profile for profile in self.hub.servers.profiles_for(owner)}
        chosen = next((name for name in (draft.profile, record.profile, *profiles) if name in profiles), "")
        narrow = draft.narrow and draft.profile in ("", chosen) and chosen != ""
        wrong = _wrong(draft, profiles.get(chosen))
        shown = [profiles[chosen]] if narrow else list(profiles.values())
        action = self.urls.page("spawn", owner.name, record.name)
        mine = owner.name == req.user
        presets = await self.hub.presets.of_user(owner.name) if mine and not narrow else []
        context = SpawnContext(
            frame=frame,
            title=plain(record.display_name or record.name),
            owner=owner.name if not mine else "",
            presets=tuple(row(preset, profiles.get(preset.profile), action) for preset in presets),
            keeps=mine,
            kept_as=plain(draft.name[:LONGEST]),
            remove=f"{self.urls.hub}presets/remove",
            done=self.done(req, frame),
            offers=tuple(
                _offer(profile, record, draft, wrong if profile.name == chosen else None, frame.language)
                for profile in shown
            ),
            all=action if len(shown) < len(profiles) else "",
            action=action,
            next=draft.then,
            message=_message(draft, wrong, profiles.get(chosen), frame.language) or self._paused(frame.language),
        )
        error = draft.error
        if error and error.retry_after is not None:
            resp.set_header("Retry-After", str(error.retry_after))
        self.show(req, resp, context, error.status if error else 200)


def _own(req: Request, owner: User) -> None:
    if owner.name != req.user:
        raise NotFound("Presets are for one's own servers", key="presets-own")


def _wrong(draft: Draft, profile: Profile | None) -> Mapping[str, Unfit]:
    """What is wrong with the values of a form or a link, by option."""
    if isinstance(draft.error, BadOptions):
        return draft.error.fields
    if profile is None or not profile.options or not draft.given:
        return {}
    try:
        options.read(profile, draft.given)
    except BadOptions as error:
        return error.fields
    return {}


def _message(draft: Draft, wrong: Mapping[str, Unfit], profile: Profile | None, language: Language) -> str:
    """What no field can say."""
    if draft.error and not isinstance(draft.error, BadOptions):
        return plain(language.told(draft.error))
    known = {option.name for option in profile.options} if profile else set()
    strangers = [language.told(unfit, option=name) for name, unfit in wrong.items() if name not in known]
    return plain("\n".join(strangers)) or (language.say("spawn-form-wrong") if wrong else "")


def _offer(
    profile: Profile, record: Server, draft: Draft, wrong: Mapping[str, Unfit] | None, language: Language
) -> Offer:
    """`wrong` is None for all but the chosen one."""
    chosen = wrong is not None
    before = record.options if record.profile in ("", profile.name) else {}
    values = {**options.remembered(profile, before), **(draft.given if chosen else {})}
    return Offer(
        name=profile.name,
        label=plain(profile.display_name or profile.name),
        description=plain(profile.description),
        chosen=chosen,
        fields=fields.of(profile, values, wrong or {}, language),
    )
