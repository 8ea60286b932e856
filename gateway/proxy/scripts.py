"""Administrators' own addon scripts: `[traffic] addons = ["path.py"]`.

A script is a module as mitmproxy loads it (hooks as functions, or a list `addons`) that
says besides which requests it wants: `match = {"path": "/user/", "users": ["alice"]}`.
A broken one is named in the log and ignored.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from gateway.hookspecs import Addon, Match

log = logging.getLogger(__name__)

KEYS = [each.name for each in dataclasses.fields(Match)]


def load(paths: Sequence[str]) -> list[Addon]:
    """An addon for each script that is not broken."""
    found = []
    for number, path in enumerate(paths, 1):
        try:
            module = _imported(f"hubgate_script_{number}", Path(path))
            addon = Addon(f"script-{number}-{Path(path).stem}", _match(getattr(module, "match", None)), module)
        except (Exception, SystemExit):
            log.exception("the addon script %s is broken and ignored", path)
        else:
            found.append(addon)
            log.info("addon script %s is loaded", path)
    return found


def _imported(name: str, path: Path) -> ModuleType:
    """The script as a module of that name; its folder is not searched for anything else."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file: its name must end with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _match(said: Any) -> Match:
    """What the script's `match` says; it must say something, if only that it wants everything."""
    if isinstance(said, Match):
        return said
    if not isinstance(said, Mapping) or not set(said).issubset(KEYS):
        raise ValueError(f"it needs a module-level `match`, a table with {', '.join(KEYS)} (all optional)")
    for key, value in said.items():
        many = [value] if key == "path" else value
        if not isinstance(many, list | tuple) or not all(isinstance(one, str) for one in many):
            raise ValueError("in `match`, path is a text, everything else a list of texts")
    found: dict[str, Any] = {key: value if key == "path" else tuple(value) for key, value in said.items()}
    return Match(**found)
