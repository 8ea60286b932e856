"""The kernel WebSocket of a guest who may only look on: what passes of each message, as sans-io bytes. Pure.

Two questions may be asked, `kernel_info_request` and `comm_info_request`. What reaches the
kernel is made here, never what came: header and content are built anew from the few fields
that are known, checked, and written by `gateway.proxy.kernel`. Everything else is refused,
with an answer in the kernel's own protocol that says so, so that JupyterLab shows it where
somebody tried.

The guest's message ids and session are replaced by ones that nobody can foresee, and put
back into what the kernel says. Else a guest could ask with the id of a cell that its owner
runs, and the kernel's "idle" to that would end the cell in the owner's JupyterLab.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.buckets import Buckets
from gateway.proxy.kernel import V1, BadMessage, Message, Subprotocol, decode, encode

LONGEST = 1024 * 1024
"""Bytes of one message of the guest."""
PASSED = {"kernel_info_request": (), "comm_info_request": ("target_name",)}
"""The types that pass, and what their content may hold."""
CHANNELS = ("shell", "control")
BURST, PER_SECOND = 40, 2
"""Messages of one connection: JupyterLab sends a handful when it connects."""
REMEMBERED = 128
"""Ids whose answers may still come."""

_ID = re.compile(r"[A-Za-z0-9_-]{16,100}")
_KIND = re.compile(r"[a-z_]{1,40}")
_TEXT = re.compile(r"[A-Za-z0-9_.:-]{0,200}")
_DATE = re.compile(r"[0-9T:.Z+-]{0,40}")
MARK = 16
"""Characters at the beginning of an id that are replaced."""

WHY = "This server is shared with you for viewing only: code does not run, and nothing can be changed."


@dataclass(frozen=True, slots=True)
class Passed:
    """Send this on instead of what came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Send nothing on. `answers` (data, is it text) are for the guest; without any, `why` ends the connection."""

    why: str
    answers: tuple[tuple[bytes, bool], ...] = ()


class Onlooker:
    """One connection. `mark` is random, `MARK` characters that may stand in an id."""

    def __init__(self, subprotocol: Subprotocol, mark: str) -> None:
        if len(mark) != MARK or not re.fullmatch(r"[A-Za-z0-9_-]*", mark):
            raise ValueError("a mark is so many characters of an id")
        self._subprotocol = subprotocol
        self._mark = mark
        self._ids: OrderedDict[bytes, bytes] = OrderedDict()
        """Those that the kernel sees, and the guest's own."""
        self._ours = re.compile(re.escape(mark.encode()) + rb"[A-Za-z0-9_-]*")
        self._quota: Buckets[str] = Buckets(BURST, PER_SECOND, 1)
        self._said = 0

    def from_client(self, data: bytes, *, text: bool, now: float) -> Passed | Refused:
        """One whole message."""
        if len(data) > LONGEST:
            return Refused(f"A message may have {LONGEST} bytes.")
        if self._quota.take("", now):
            return Refused("Too many messages came at once.")
        try:
            message = decode(data, text=text, subprotocol=self._subprotocol)
        except BadMessage as bad:
            return Refused(f"This is no kernel message: {bad}.")
        if (made := self._permitted(message)) is None:
            return Refused(WHY, self._answers(message))
        return Passed(encode(made, self._subprotocol, text=text)[0])

    def from_server(self, data: bytes) -> bytes:
        """One whole message, with the guest's own ids in it; its length stays."""
        if self._mark.encode() not in data:
            return data
        return self._ours.sub(lambda found: self._ids.get(found[0], found[0]), data)

    # ── what passes ──────────────────────────────────────────────────────────

    def _permitted(self, message: Message) -> Message | None:
        fields = PASSED.get(message.type)
        if fields is None or message.channel not in CHANNELS:
            return None
        asked, content = message.header, message.content
        number = asked.get("msg_id")
        if not (isinstance(number, str) and _ID.fullmatch(number)):
            return None
        if set(content) - set(fields) or not all(_fits(_TEXT, value) for value in content.values()):
            return None
        header = {
            "msg_id": self._renamed(number),
            "msg_type": message.type,
            "username": "",
            "session": f"{self._mark}-view-only",
            "date": asked["date"] if _fits(_DATE, asked.get("date")) else "",
            "version": "5.3",
        }
        return Message(message.channel, header, {}, {}, dict(content))

    def _renamed(self, number: str) -> str:
        mine = self._mark + number[MARK:]
        self._ids[mine.encode()] = number.encode()
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return mine

    # ── what is answered ─────────────────────────────────────────────────────

    def _answers(self, message: Message) -> tuple[tuple[bytes, bool], ...]:
        """As a kernel would refuse it; what has no answer in the protocol gets none, and that is no reason to close."""
        kind = message.type.removesuffix("_request")
        if message.channel not in CHANNELS or kind == message.type or not _KIND.fullmatch(kind):
            return (self._answer("iopub", "stream", {"name": "stderr", "text": f"{WHY}\n"}, message),)
        error: dict[str, Any] = {"ename": "ViewOnly", "evalue": WHY, "traceback": [WHY]}
        replies = [self._answer(message.channel, f"{kind}_reply", {"status": "error", **error}, message)]
        if kind == "execute":
            replies.insert(0, self._answer("iopub", "error", error, message))
        return (*replies, self._answer("iopub", "status", {"execution_state": "idle"}, message))

    def _answer(self, channel: str, kind: str, content: Mapping[str, Any], asked: Message) -> tuple[bytes, bool]:
        self._said += 1
        header = {
            "msg_id": f"{self._mark}-refusal-{self._said}",
            "msg_type": kind,
            "username": "hubgate",
            "session": f"{self._mark}-view-only",
            "date": asked.header["date"] if _fits(_DATE, asked.header.get("date")) else "",
            "version": "5.3",
        }
        parent = {name: asked.header[name] for name in header if _fits(_TEXT, asked.header.get(name))}
        return encode(Message(channel, header, parent, {}, content), self._subprotocol)


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def subprotocol_of(answered: str) -> Subprotocol | None:
    """What a server's `Sec-WebSocket-Protocol` chooses; None = nothing that is known here."""
    if answered == "":
        return ""
    return V1 if answered == V1 else None
