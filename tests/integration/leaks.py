"""Whether a secret stands in a text, however it is spelled there."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

AROUND = 60


def spelled(secret: str) -> set[str]:
    """As it is, quoted for URLs, and what Base64 makes of it wherever it stands in a text."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), quote_plus(secret), raw.hex()}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3)).decode()
        inner = text[4 if before else 0 : len(text) - (4 if (before + len(raw)) % 3 else 0)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {each for each in found if len(each) >= 8}


def leaks(texts: Mapping[str, str], secrets: Iterable[str]) -> list[tuple[str, str, str]]:
    """The place, what stands there, and what stands around it."""
    return [
        (where, each, text[max(0, (at := text.index(each)) - AROUND) : at + AROUND])
        for where, text in texts.items()
        for secret in secrets
        for each in spelled(secret)
        if each in text
    ]


def opened(file: Path, data: bytes) -> str:
    """All that mitmproxy would show of a file of its own, bodies unpacked."""
    file.write_bytes(data)
    texts = []
    with file.open("rb") as stream:
        for flow in FlowReader(stream).stream():
            assert isinstance(flow, HTTPFlow)
            messages = flow.websocket.messages if flow.websocket else []
            bodies = [
                flow.request.content,
                flow.response.content if flow.response else b"",
                *(m.content for m in messages),
            ]
            texts += [str(flow.get_state()), *(body.decode("latin-1") for body in bodies if body)]
    return "\n".join(texts)
