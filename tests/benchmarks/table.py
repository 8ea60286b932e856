"""Results as one table in Markdown, which a terminal shows just as well. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.measure import METRICS, Rounds, median, ratio

REACHED, FLOOR, MISSED = "✓", "~", "✗"
LEGEND = f"{REACHED} the aim is reached, {FLOOR} only the floor, {MISSED} neither. Ratios are medians over the rounds."


@dataclass(frozen=True, slots=True)
class Aim:
    """What our figure should be, as a multiple of `against`'s; with `against` "" it is absolute."""

    metric: str
    against: str
    aim: float
    floor: float = 0.0
    """What it must be at least; 0 = the aim itself."""
    tolerance: bool = False
    """The ratio should be 1, `aim` away from it at most."""

    def verdict(self, value: float) -> str:
        if self.tolerance:
            return REACHED if abs(value - 1) <= self.aim else MISSED
        more = METRICS[self.metric].better == "more"
        for limit, mark in ((self.aim, REACHED), (self.floor or self.aim, FLOOR)):
            if value >= limit if more else value <= limit:
                return mark
        return MISSED

    def words(self, value: float) -> str:
        """`requests/s 2.90× (aim ≥ 3, floor 2.2) ~`"""
        if self.tolerance:
            wish = f"aim 1 ± {self.aim:g}"
        else:
            sign = "≥" if METRICS[self.metric].better == "more" else "≤"
            wish = f"aim {sign} {self.aim:g}" + (f", floor {self.floor:g}" if self.floor else "")
        shown = f"{value:.2f}×" if self.against else f"{value:.0f}"
        return f"{METRICS[self.metric].title} {shown} ({wish}) {self.verdict(value)}"


@dataclass(frozen=True, slots=True)
class Result:
    """One row, measured."""

    name: str
    title: str
    ours: str
    rounds: Rounds
    aims: Sequence[Aim]
    missing: Sequence[str] = ()
    """Peers that are not on this machine."""
    failed: str = ""
    """Why there is no figure."""


def table(results: Sequence[Result]) -> str:
    """One line for each peer of each row; what ours is to it stands last."""
    used = [key for key in METRICS if any(median(s, key) is not None for r in results for s in r.rounds.values())]
    lines = [["row", "who", *(METRICS[key].title for key in used), "ours to this"]]
    for result in results:
        first = result.name
        for peer, samples in result.rounds.items():
            figures = [_figure(median(samples, key), METRICS[key].digits) for key in used]
            lines.append([first, peer, *figures, " · ".join(_judged(result, peer))])
            first = ""
        lines += [[first, each, *("" for _ in used), "missing here"] for each in result.missing]
        if result.failed:
            lines.append([first, result.ours, *("" for _ in used), f"failed: {result.failed}"])
    return f"{_aligned(lines, right=range(2, 2 + len(used)))}\n\n{LEGEND}"


def _judged(result: Result, peer: str) -> list[str]:
    words = []
    for aim in result.aims:
        if aim.against == peer:
            value = ratio(result.rounds, result.ours, peer, aim.metric)
        elif not aim.against and peer == result.ours:
            value = median(result.rounds[peer], aim.metric)
        else:
            continue
        if value is not None:
            words.append(aim.words(value))
    return words


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def _aligned(lines: Sequence[Sequence[str]], right: range) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]

    def shown(line: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = [("-" * (width - 1) + ":") if column in right else "-" * width for column, width in enumerate(widths)]
    return "\n".join([shown(lines[0]), f"| {' | '.join(rule)} |", *(shown(line) for line in lines[1:])])
