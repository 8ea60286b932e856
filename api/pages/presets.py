"""A preset as the start page shows it, and its deletion. It is made and used by the start page's forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from falcon.asgi import Response

from api.pages.page import Page, me, shortened
from api.pages.words import plain
from api.request import Request
from gateway import options
from gateway.model import Option, Preset, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow:
    name: Annotated[str, "Its name, as it is sent"]
    label: Annotated[str, "Its name, made fit to show"]
    detail: Annotated[str, "What it starts, and with which options"]
    link: Annotated[str, "The page with its form, filled in; empty when its profile cannot be started any more"]


def row(preset: Preset, profile: Profile | None, action: str) -> PresetRow:
    """`profile` is None when there is none of that name for this user any more."""
    parts = [plain((profile.display_name or profile.name) if profile else preset.profile)]
    if profile:
        values = options.remembered(profile, preset.options)
        parts += [_told(option, values[option.name]) for option in profile.options]
    return PresetRow(
        name=preset.name,
        label=plain(preset.name),
        detail=shortened(" · ".join(filter(None, parts)), 200),
        link=f"{action}?{urlencode({'preset': preset.name})}" if profile else "",
    )


def _told(option: Option, value: options.Value) -> str:
    """A boolean by its name alone, a choice by its words; nothing for what is empty."""
    label = plain(option.label)
    if option.type == "boolean":
        return label if value else ""
    words = {choice.value: choice.label for choice in option.choices}
    text = plain(words.get(str(value), options.written(value)))
    return f"{label}: {text}" if text else ""


class RemovePreset(Page):
    """`POST /hub/presets/remove`."""

    async def on_post(self, req: Request, resp: Response) -> None:
        name = me(req.caller)
        await self.access.require(req, "start:servers", user=name)
        await self.hub.presets.remove(name, req.form.get("name", ""))
        there = self.urls.safe_next(req.form.get("next", ""), f"{self.urls.hub}spawn")
        self.back(resp, there, "preset-removed")
