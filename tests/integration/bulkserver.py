"""A user server for traffic by the gigabyte, and for streams that never end.

Started as `python bulkserver.py IP PORT BASE_URL`; needs the standard library only.
It answers by the last segment of the path:

    bytes?N   N bytes                       events   server-sent events, ten a second, with the time
    sink      how many bytes came           hold     a head, then nothing for ever
    stall     takes nothing of a body       silent   no answer for ever
    ws        a WebSocket: messages come back; after "send N" N bytes in frames of 64 KiB,
              after "sink" all is counted, and told at "count"
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import struct
import sys
import time

PART = 65536


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
            name, _, query = line.split(" ")[1].rpartition("/")[2].partition("?")
            await ANSWERS.get(name, said)(reader, writer, fields, query)
            await writer.drain()
    writer.close()


type Reader = asyncio.StreamReader
type Writer = asyncio.StreamWriter
type Fields = dict[str, str]


async def said(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    await reader.readexactly(int(fields.get("content-length", "0")))
    say(writer, os.environ.get("SERVER_START_ID", "").encode())


def say(writer: Writer, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def some_bytes(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    left, part = int(query), b"x" * (4 * PART)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % left)
    while left:
        size = min(left, len(part))
        writer.write(part if size == len(part) else part[:size])
        left -= size
        await writer.drain()


async def sink(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    count = 0
    if "content-length" in fields:
        left = int(fields["content-length"])
        while count < left:
            data = await reader.read(min(4 * PART, left - count))
            if not data:
                raise ConnectionError
            count += len(data)
    else:
        while size := int((await reader.readuntil(b"\r\n"))[:-2], 16):
            count += len(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
    say(writer, b"%d" % count)


async def stream_events(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    while not reader.at_eof():
        writer.write(f"data: {time.time()}\n\n".encode())
        await writer.drain()
        await asyncio.sleep(0.1)
    raise ConnectionError


async def hold(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    await reader.read()
    raise ConnectionError


async def silent(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    await reader.read()
    raise ConnectionError


async def stall(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    await asyncio.sleep(600)


async def websocket(reader: Reader, writer: Writer, fields: Fields, query: str) -> None:
    key = fields["sec-websocket-key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key).digest()).decode()
    answer = f"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}"
    writer.write(answer.encode() + b"\r\n\r\n")
    counted = -1
    while True:
        opcode, payload = await frame(reader)
        if opcode == 8:
            writer.write(packed(8, payload))
            await writer.drain()
            raise ConnectionError
        if opcode == 1 and payload == b"count":
            writer.write(packed(1, b"%d" % counted))
        elif counted >= 0:
            counted += len(payload)
        elif payload == b"sink":
            counted = 0
        elif payload.startswith(b"send "):
            for _ in range(int(payload[5:]) // PART):
                writer.write(packed(2, b"x" * PART))
                await writer.drain()
        else:
            writer.write(packed(opcode, payload))


async def frame(reader: Reader) -> tuple[int, bytes]:
    """One frame, unmasked. Our clients mask with zeros when it is much."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4) if second & 0x80 else bytes(4)
    payload = await reader.readexactly(size)
    if any(mask) and size:
        long = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(payload) ^ int.from_bytes(long)).to_bytes(size)
    return first & 0x0F, payload


def packed(opcode: int, payload: bytes, *, masked: bool = False) -> bytes:
    """One whole frame; a client's is masked, with zeros."""
    size, top = len(payload), 0x80 if masked else 0
    if size < 126:
        head = bytes([0x80 | opcode, top | size])
    elif size < 65536:
        head = bytes([0x80 | opcode, top | 126]) + struct.pack(">H", size)
    else:
        head = bytes([0x80 | opcode, top | 127]) + struct.pack(">Q", size)
    return head + (bytes(4) if masked else b"") + payload


ANSWERS = {
    "bytes": some_bytes, "sink": sink, "events": stream_events, "hold": hold, "silent": silent, "stall": stall,
    "ws": websocket,
}  # fmt: skip


async def main() -> None:
    server = await asyncio.start_server(serve, sys.argv[1], int(sys.argv[2]), limit=1 << 20)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
