"""The messages of one recorded WebSocket, their secrets hidden; Jupyter's are read as what they are. Pure.

What a person types where nobody may look goes over these: a password that a kernel asks
for (`input_reply`), one in a widget, one in a terminal. In a terminal each key is a message,
so there nothing that is typed is shown, not even as a hash: which keys are equal would tell.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

from gateway.proxy import kernel
from gateway.proxy.kernel import BadMessage, Message
from gateway.proxy.records import SLACK, Record, as_text
from gateway.proxy.redaction import Redactor

LARGEST = 1048576
"""Bytes; a larger message is not read at all."""
PASSWORDS = 100
"""Widgets of one socket that are known to be for passwords."""
TYPED = "hidden"

type Json = Any


class Conversation:
    def __init__(self, path: str, subprotocol: str, redactor: Redactor | None, limit: int) -> None:
        parts = path.partition("?")[0].rstrip("/").split("/")
        self._kernel = parts[-1:] == ["channels"] and parts[-3:-2] == ["kernels"]
        self._terminal = parts[-3:-1] == ["terminals", "websocket"]
        self._subprotocol: kernel.Subprotocol = kernel.V1 if subprotocol == kernel.V1 else ""
        self._redactor = redactor
        self._limit = limit
        self._widgets: dict[str, bool] = {}
        """Comms that were opened here: is it for a password?"""

    def message(self, data: bytes, *, text: bool, from_client: bool, size: int = 0) -> Record:
        """What is shown of a message: `size`, and `data` or `base64`, `kernel`, `omitted`."""
        size = size or len(data)
        shown: Record = {"size": size}
        if size > LARGEST:
            return {**shown, "omitted": "it is too large"}
        if self._kernel:
            return {**shown, **self._of_kernel(data, text, from_client)}
        whole = as_text(data) if text else None
        if whole is None:
            return {**shown, **self._binary(data)}
        return {**shown, **self._text(whole, from_client)}

    # ── texts and bytes ──────────────────────────────────────────────────────

    def _text(self, text: str, from_client: bool) -> Record:
        if self._redactor is None:
            return _cut(text, self._limit)
        text = text[: self._limit + SLACK]
        if self._terminal and from_client:
            return _cut(_untyped(text), self._limit)
        return _cut(self._redactor.hide.cleaned([self._redactor.json(text, from_client)])[0], self._limit)

    def _binary(self, data: bytes) -> Record:
        if self._redactor is not None:
            text = data[: self._limit + SLACK].decode("latin-1")
            (text,) = self._redactor.hide.cleaned([self._redactor.text(text)])
            shown = text.encode("latin-1", "replace")
        else:
            shown = data
        cut: Record = {"cut": True} if len(data) > self._limit else {}
        return {"base64": base64.b64encode(shown[: self._limit]).decode(), **cut}

    # ── kernels ──────────────────────────────────────────────────────────────

    def _of_kernel(self, data: bytes, text: bool, from_client: bool) -> Record:
        try:
            message = kernel.decode(data, text=text, subprotocol=self._subprotocol)
            if self._redactor is not None:
                message = self._hidden(self._redactor, message, from_client)
        except (BadMessage, ValueError, RecursionError):
            # It could be read in two ways, so in one of them it may say what nobody should see.
            return {"omitted": "it is no kernel message"} if self._redactor is not None else self._binary(data)
        shown: Record = {
            "channel": message.channel,
            "type": message.type,
            **{part: getattr(message, part) for part in kernel.PARTS},
            "buffers": [len(each) for each in message.buffers],
        }
        raw, is_text = kernel.encode(message, self._subprotocol)
        if len(raw) > self._limit:
            return {"kernel": {**shown, "content": {}}, "cut": True}
        return {"kernel": shown, **({"data": raw.decode()} if is_text else {"base64": base64.b64encode(raw).decode()})}

    def _hidden(self, redactor: Redactor, message: Message, from_client: bool) -> Message:
        content: dict[str, Json] = redactor.value(dict(message.content), from_client)
        if message.type == "input_reply" and isinstance(content.get("value"), str):
            content["value"] = redactor.hide(content["value"])
        elif message.type.startswith("comm_"):
            self._of_widget(redactor, message.type, content, from_client)
        parts = [message.header, message.parent_header, message.metadata]
        texts = [*(json.dumps(part) for part in parts), redactor.text(json.dumps(content))]
        texts += [each.decode("latin-1") for each in message.buffers]
        clean = redactor.hide.cleaned(texts)
        header, parent, metadata, shown = (json.loads(each) for each in clean[:4])
        buffers = tuple(each.encode("latin-1", "replace") for each in clean[4:])
        return dataclasses.replace(
            message, header=header, parent_header=parent, metadata=metadata, content=shown, buffers=buffers
        )

    def _of_widget(self, redactor: Redactor, kind: str, content: dict[str, Json], from_client: bool) -> None:
        """Hide what stands in widgets for passwords, and in those of which nobody knows what they are."""
        data, comm = content.get("data"), str(content.get("comm_id"))
        if kind == "comm_open" and len(self._widgets) < PASSWORDS * 10:
            self._widgets[comm] = _is_password(data.get("state") if isinstance(data, dict) else None)
        secret = self._widgets.get(comm, True)
        _hide_values(redactor, data, secret, from_client)


def _hide_values(redactor: Redactor, data: Json, secret: bool, sent: bool) -> None:
    """Of a state (`secret`: of a widget that may be for a password), and of all states below it."""
    if not isinstance(data, dict):
        return
    for key, item in data.items():
        if key == "value" and isinstance(item, str) and (secret or _is_password(data)):
            data[key] = redactor.hide(item) if sent else redactor.hide.name(item)
        elif isinstance(item, dict):
            _hide_values(redactor, item, secret or _is_password(data), sent)


def _is_password(state: Json) -> bool:
    if not isinstance(state, dict):
        return False
    return "PasswordModel" in (state.get("_model_name"), state.get("model_name"))


def _untyped(text: str) -> str:
    """A terminal's message without the keys."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return TYPED
    if not (isinstance(message, list) and message and message[0] == "set_size"):
        return json.dumps(["stdin", TYPED])
    return text


def _cut(text: str, limit: int) -> Record:
    return {"data": text} if len(text) <= limit else {"data": text[:limit], "cut": True}
