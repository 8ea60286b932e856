"""Which requests go to the flow lane, and which addons see each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.hookspecs import Addon, Match
from gateway.proxy.facts import Facts
from gateway.proxy.gate import Forward


@dataclass(frozen=True, slots=True)
class _Wish:
    """A `Match`, cut for quick looks."""

    name: str
    match: Match
    below: tuple[tuple[str, ...], ...]


class Matches:
    def __init__(self, addons: Sequence[Addon] = ()) -> None:
        self._wishes = tuple(
            _Wish(addon.name, addon.match, tuple(_steps(place.split("/")) for place in addon.match.below))
            for addon in addons
        )

    def of(self, facts: Facts, forward: Forward) -> tuple[str, ...]:
        """The names of the addons that want this request; none means express lane."""
        if not self._wishes:
            return ()
        path = "/" + "/".join(facts.segments)
        return tuple(wish.name for wish in self._wishes if _wants(wish, path, facts, forward))


def _wants(wish: _Wish, path: str, facts: Facts, forward: Forward) -> bool:
    match = wish.match
    return (
        path.startswith(match.path)
        and (not match.methods or facts.method in match.methods)
        and (not match.kinds or forward.route.kind in match.kinds)
        and _is_by(match, forward)
        and (not match.content_types or fits(media_type(facts.fields.get(b"content-type", b"")), match.content_types))
        and (not wish.below or _is_below(wish.below, facts, forward))
    )


def _is_by(match: Match, forward: Forward) -> bool:
    if not match.users and not match.groups:
        return True
    who = forward.identity
    if who is None or who.kind != "user":
        return "" in match.users and not match.groups
    return (not match.users or who.name in match.users) and (
        not match.groups or not set(match.groups).isdisjoint(who.groups)
    )


def _is_below(places: Iterable[tuple[str, ...]], facts: Facts, forward: Forward) -> bool:
    """Rather once too often: a server may read `%2F` as a slash, and two slashes as one."""
    rest = "/".join(facts.segments[len(forward.route.prefix) :])
    steps = _steps(rest.split("/"))
    return any(steps[: len(place)] == place for place in places)


def _steps(segments: Iterable[str]) -> tuple[str, ...]:
    return tuple(segment for segment in segments if segment)


def media_type(value: bytes) -> str:
    """`Text/HTML; charset=utf-8` to `text/html`."""
    return value.partition(b";")[0].strip().lower().decode("latin-1")


def fits(kind: str, wanted: Iterable[str]) -> bool:
    """Is `text/html` one of `text/html`, `text/*`, `*/*`?"""
    group = kind.partition("/")[0] + "/*"
    return any(each.lower() in (kind, group, "*/*") for each in wanted)
