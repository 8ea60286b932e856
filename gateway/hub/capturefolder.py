"""Where captures lie: a folder each below `{data_dir}/captures`, with what is said of it in `capture.json`.

All methods block: for a thread.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gateway import runfiles
from gateway.captures import Scope

log = logging.getLogger(__name__)

FILE = "capture.json"
ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Capture:
    """What is known of a capture beside its records."""

    id: str
    reason: str
    by: str
    """Who started it, as the audit writes it."""
    scope: Scope
    started: float
    until: float
    size: int
    """Bytes of records that it may have."""
    body: int
    redact: bool = True
    fields: tuple[str, ...] = ()
    ended: float | None = None
    why: str = ""
    """Why it ended, in words."""
    flows: int = 0
    records: int = 0
    bytes: int = 0
    dropped: int = 0
    """Records that could not be kept."""
    users: tuple[str, ...] = ()
    """Whose requests, or requests to whose servers, are in it."""
    people: Mapping[str, float] = field(default_factory=dict)
    """The users that `scope` names, and when each was made: another one of the same name is not meant."""

    @property
    def running(self) -> bool:
        return self.ended is None


class CaptureFolder:
    def __init__(self, data_dir: Path) -> None:
        self._top = data_dir / "captures"

    def of(self, capture: str) -> Path:
        if not ID.fullmatch(capture):
            raise ValueError("not the id of a capture")
        return self._top / capture

    def save(self, capture: Capture, key: str) -> None:
        """`key` hides its secrets; it is kept only while the capture runs."""
        runfiles.private_folder(self._top)
        folder = runfiles.private_folder(self.of(capture.id))
        runfiles.write_json(folder / FILE, {**asdict(capture), "key": key if capture.running else ""})

    def load(self) -> list[tuple[Capture, str]]:
        """All that are kept, each with its key. What cannot be read is named in the log and left alone."""
        if not self._top.is_dir():
            return []
        found = []
        for folder in sorted(self._top.iterdir()):
            if ID.fullmatch(folder.name) and (one := _read(folder)) is not None:
                found.append(one)
        return found

    def remove(self, capture: str) -> None:
        shutil.rmtree(self.of(capture), ignore_errors=False)


def _read(folder: Path) -> tuple[Capture, str] | None:
    try:
        kept: dict[str, Any] = runfiles.read_json(folder / FILE) or {}
        key = kept.pop("key")
        kept["scope"] = Scope(**kept["scope"])
        kept["fields"], kept["users"] = tuple(kept["fields"]), tuple(kept["users"])
        capture = Capture(**kept)
    except (KeyError, TypeError):
        log.warning("the capture %s cannot be read", folder)
        return None
    return (capture, key) if capture.id == folder.name else None
