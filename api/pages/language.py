"""What the pages say, in the reader's language: words from `languages/*.ftl`, dates and numbers by locale.

The words are Fluent messages (projectfluent.org), all of a language in one file. English is the
reference: a message that a language lacks is said in English, one that English lacks is a bug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

from babel import Locale, negotiate_locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from fluent.runtime import FluentBundle, FluentResource
from markupsafe import Markup, escape

from gateway.errors import HubgateError
from gateway.model import Server

REFERENCE = "en"
LONGEST_HEADER = 500
_RANGE = re.compile(r"^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=(\d(?:\.\d{0,3})?)\s*)?$")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


class Language:
    """One language."""

    def __init__(self, name: str, text: str, fallback: Language | None = None) -> None:
        self.name = name
        """As in `<html lang>`."""
        self._locale = Locale.parse(name)
        self._fallback = fallback
        # Names stand in <bdi>, so no isolating marks are needed in the text itself.
        # `AMOUNT($count, $unit)` is `90 minutes`.
        self._bundle = FluentBundle([name], use_isolating=False, functions={"AMOUNT": cast("Any", self._amount)})
        self._bundle.add_resource(FluentResource(text))

    def say(self, message: str, **args: str | int | float) -> str:
        """A message with its arguments. KeyError if there is none, ValueError if an argument is missing."""
        if not self._bundle.has_message(message):
            if self._fallback is None:
                raise KeyError(f"{self.name}.ftl has no message {message!r}")
            return self._fallback.say(message, **args)
        pattern = self._bundle.get_message(message).value
        assert pattern is not None, message  # all our messages have a text, not attributes alone  # noqa: S101
        text, errors = self._bundle.format_pattern(pattern, args)
        if errors:
            raise ValueError(f"{self.name}.ftl, {message}: {errors[0]}")
        return str(text)

    def marked(self, message: str, **names: str) -> Markup:
        """A message as HTML: each argument in a `<bdi>`, so that a name of any script keeps to itself."""
        places = {name: f"\ue000{name}\ue001" for name in names}
        html = escape(self.say(message, **places))
        for name, value in names.items():
            html = html.replace(places[name], Markup("<bdi>{}</bdi>").format(value))
        return html

    def knows(self, message: str) -> bool:
        """Has this language the message, itself or by its fallback?"""
        return self._bundle.has_message(message) or (self._fallback is not None and self._fallback.knows(message))

    def told(self, error: HubgateError, **more: str) -> str:
        """What an error says, in this language where it has a key that there are words for.

        `more` is what these words take besides what the error is about.
        """
        return self._said(error.message, error.key, {**error.about, **more})

    def why(self, server: Server) -> str:
        """Why a server stopped or failed, likewise; "" when there is nothing to say."""
        return self._said(server.message, server.said.key, server.said.about) if server.said else server.message

    def _said(self, message: str, key: str, about: Mapping[str, str | float]) -> str:
        """Plugins choose keys as well: where the words do not take what they bring, theirs are said."""
        if not key or not self.knows(f"said-{key}"):
            return message
        try:
            return self.say(f"said-{key}", **about)
        except (TypeError, ValueError, ArithmeticError):
            return message

    def _amount(self, count: float, unit: str) -> str:
        return str(format_unit(count, f"duration-{unit}", locale=self._locale))

    def ago(self, then: float | None, now: float) -> str:
        """`5 minutes ago`; "" for None."""
        if then is None:
            return ""
        if now - then < 60:
            return self.say("just-now")
        return str(format_timedelta(int(then - now), add_direction=True, threshold=1, locale=self._locale))

    def until(self, then: float | None, now: float) -> str:
        """`in 5 minutes`; "" for None."""
        if then is None:
            return ""
        return str(format_timedelta(max(60, int(then - now)), add_direction=True, threshold=1, locale=self._locale))

    def span(self, seconds: float) -> str:
        """`5 minutes`."""
        return str(format_timedelta(int(seconds), threshold=1, locale=self._locale))

    def seconds(self, seconds: float) -> str:
        """`1.5 sec`."""
        return str(format_unit(seconds, "duration-second", "short", "#,##0.0", locale=self._locale))

    def moment(self, then: float) -> str:
        """Date and time, UTC."""
        text = format_datetime(datetime.fromtimestamp(then, UTC), "medium", locale=self._locale)
        return f"{text} UTC"

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._locale))

    def size(self, octets: float) -> str:
        """`1.2 MB`."""
        unit = 0
        while octets >= 1000 and unit < len(_UNITS) - 1:
            octets, unit = octets / 1000, unit + 1
        digits = 1 if unit and octets < 10 else 0
        return f"{self.number(round(octets, digits))} {_UNITS[unit]}"


class Languages:
    """All of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        reference = Language(REFERENCE, texts[REFERENCE])
        self._all = {name: Language(name, text, reference) for name, text in texts.items() if name != REFERENCE}
        self._all[REFERENCE] = reference

    @classmethod
    @cache
    def shipped(cls) -> Languages:
        """Those of this package, read once."""
        folder = files("api.pages") / "languages"
        return cls(
            {
                item.name.removesuffix(".ftl"): item.read_text("utf-8")
                for item in folder.iterdir()
                if item.name.endswith(".ftl")
            }
        )

    def chosen(self, accept_language: str) -> Language:
        """What this header (RFC 9110, 12.5.4) likes best of what there is, else English."""
        found = negotiate_locale(preferred(accept_language), self._all, sep="-")
        return self._all[found or REFERENCE]


def preferred(header: str) -> list[str]:
    """The language ranges of an `Accept-Language` header, the dearest first; those refused (q=0) are left out."""
    return [name for name, quality in _ranked(header[:LONGEST_HEADER].split(",")) if quality > 0]


def _ranked(items: Iterable[str]) -> list[tuple[str, float]]:
    matches = (_RANGE.match(item) for item in items)
    ranges = [(match[1], float(match[2] or 1)) for match in matches if match]
    return sorted(ranges, key=lambda pair: -pair[1])
