"""The server behind every proxy of a benchmark: a small answer, bodies of any size, a WebSocket echo.

    python backend.py 127.0.0.1 PORT

A program of its own that does as little as it can: what is measured is what stands
before it. It imports nothing but asyncio, and uvloop when it need not be up at once. By the end of the path:

    GET …/small        150 bytes        GET …/down?BYTES   so many zeros
    POST …/up          takes the body   GET …/ws           WebSocket echo

Where it is started with a secret (`JUPYTER_TOKEN`), `…/api` refuses whoever does not
know it, as a user's server must. Under JupyterHub the port is in `JUPYTERHUB_SERVICE_URL`.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from base64 import b64encode
from hashlib import sha1
from typing import cast
from urllib.parse import urlsplit

SMALL = b'{"name": "notebook", "content": "' + b"x" * 115 + b'"}'
HEAD = (
    b"HTTP/1.1 %s\r\nServer: TornadoServer/6.5.2\r\nContent-Type: application/json\r\n"
    b"Date: Wed, 25 Nov 2026 21:50:00 GMT\r\nX-Content-Type-Options: nosniff\r\n"
    b"Content-Security-Policy: frame-ancestors 'self'; report-uri /api/security/csp-report; default-src 'none'\r\n"
    b'Etag: "d3f0a3c6a2a3b5d1c1b2c7a19e0f4a5b6c7d8e9f"\r\nContent-Length: %d\r\n\r\n'
)
"""The headers of a Jupyter server."""
ANSWER = HEAD % (b"200 OK", len(SMALL)) + SMALL
REFUSED = HEAD % (b"403 Forbidden", 0)
BLOCK = (b'{"cell_type": "code", "source": "print(6 * 7)", "outputs": []},\n' * (1 << 13))[: 1 << 18]
"""Of what is downloaded, which looks like a part of a notebook: who records it looks for secrets in it."""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
CLOSE = 8

_length = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_key = re.compile(rb"\r\nsec-websocket-key: *([^\r]+)\r\n", re.IGNORECASE)
_secret = re.compile(rb"\r\nauthorization: *token ([^\r]+)\r\n", re.IGNORECASE)
SECRET = os.environ.get("JUPYTER_TOKEN", "").encode()


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport = cast(asyncio.Transport, None)
        self.buffer = bytearray()
        self.uploading = 0
        """Bytes of a request's body that are still to come."""
        self.downloading = 0
        """Bytes of a response's body that are still to go."""
        self.paused = False
        self.websocket = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(len(BLOCK))

    def data_received(self, data: bytes) -> None:
        if self.uploading:
            taken = min(self.uploading, len(data))
            self.uploading -= taken
            if self.uploading:
                return
            self.transport.write(ANSWER)
            data = data[taken:]
        self.buffer += data
        if self.websocket:
            self.echo()
            return
        while (end := self.buffer.find(b"\r\n\r\n") + 4) >= 4:
            head = bytes(self.buffer[:end])
            del self.buffer[:end]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        path, _, query = head[: head.index(b" HTTP/")].partition(b"?")
        if path.endswith(b"/up"):
            found = _length.search(head)
            self.uploading = (int(found[1]) if found else 0) - len(self.buffer)
            self.buffer.clear()
            if self.uploading <= 0:
                self.transport.write(ANSWER)
        elif path.endswith(b"/down"):
            self.downloading = int(query)
            self.transport.write(HEAD % (b"200 OK", self.downloading))
            self.send()
        elif path.endswith(b"/ws") and (key := _key.search(head)):
            accept = b64encode(sha1(key[1].strip() + GUID, usedforsecurity=False).digest())
            self.transport.write(SWITCH + accept + b"\r\n\r\n")
            self.websocket = True
        elif path.endswith(b"/api") and SECRET and not ((shown := _secret.search(head)) and shown[1] == SECRET):
            self.transport.write(REFUSED)
        else:
            self.transport.write(ANSWER)

    # ── a response that is long ──────────────────────────────────────────────

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self.send()

    def send(self) -> None:
        while self.downloading and not self.paused:
            block = BLOCK if self.downloading >= len(BLOCK) else BLOCK[: self.downloading]
            self.downloading -= len(block)
            self.transport.write(block)

    # ── WebSocket ────────────────────────────────────────────────────────────

    def echo(self) -> None:
        """Send every whole frame back, unmasked. Clients of the benchmark mask with zeros, which saves the work."""
        while (frame := take_frame(self.buffer)) is not None:
            first, payload = frame
            self.transport.write(frame_head(first, len(payload)) + payload)
            if first & 0x0F == CLOSE:
                self.transport.close()


def take_frame(buffer: bytearray) -> tuple[int, bytes] | None:
    """Take a whole masked frame off the front: its first byte and its payload; None while it is incomplete."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7F, 2
    if size > 125:
        start = 4 if size == 126 else 10
        size = int.from_bytes(buffer[2:start]) if len(buffer) >= start else 1 << 63
    end = start + 4 + size
    if len(buffer) < end:
        return None
    first, mask, payload = buffer[0], bytes(buffer[start : start + 4]), bytes(buffer[start + 4 : end])
    del buffer[:end]
    if any(mask):
        payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return first, payload


def frame_head(first: int, size: int, masked: int = 0) -> bytes:
    """The head of a frame; `masked` is 0x80 for one that a client sends."""
    if size < 126:
        return bytes((first, masked | size))
    if size < 1 << 16:
        return bytes((first, masked | 126)) + size.to_bytes(2)
    return bytes((first, masked | 127)) + size.to_bytes(8)


async def serve(host: str, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, host, port, backlog=4096)
    await server.serve_forever()


def main(arguments: list[str]) -> None:
    if arguments:
        import uvloop  # noqa: PLC0415: a user's server, which is timed from its start, does without

        uvloop.run(serve(arguments[0], int(arguments[1])))
    else:
        place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
        asyncio.run(serve(place.hostname or "127.0.0.1", place.port or 0))


if __name__ == "__main__":
    main(sys.argv[1:])
