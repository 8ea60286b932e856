"""What is installed: entry points of plugins, the distributions they come from, and strangers under our names."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points, packages_distributions
from pathlib import Path
from typing import Any

from gateway.bounded import TookTooLong, bounded
from gateway.errors import PluginError

DISTRIBUTION = "hubgate"
IMPORT = 30.0
"""Seconds that the import of a plugin may take, with all that it imports."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin as the installation has it."""

    name: str
    module: str
    distribution: str = ""
    version: str = ""


def refuse_strangers() -> None:
    """Three top-level names are ours; another distribution may have overwritten one."""
    home = Path(__file__).resolve().parents[1]
    owners = packages_distributions()
    for name in ("api", "plugins"):
        spec = importlib.util.find_spec(name)
        found = (spec.submodule_search_locations if spec else None) or ()
        # An editable installation adds a place that is none.
        places = {Path(place).resolve() for place in found if not place.startswith("__editable__")}
        if set(owners.get(name, ())) != {DISTRIBUTION} or {place.parent for place in places} != {home}:
            who = ", ".join(sorted(set(owners.get(name, ())))) or "nobody"
            where = ", ".join(sorted(map(str, places))) or "nowhere"
            raise PluginError(f"the package {name!r} is not Hubgate's: found at {where}, installed by {who}")


def entries(group: str) -> list[EntryPoint]:
    """The group's entry points by name; the same one seen twice counts once."""
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group)):
        if found.setdefault(entry.name, entry).value != entry.value:
            raise PluginError(f"two plugins are called {entry.name!r}: {found[entry.name].value} and {entry.value}")
    return list(found.values())


def imported(entry: EntryPoint) -> Any:
    try:
        return bounded(IMPORT, entry.load)
    except (Exception, SystemExit, TookTooLong) as error:  # whatever it does, it is the plugin's fault
        raise PluginError(f"({entry.value}) cannot be imported: {error!r}") from error
