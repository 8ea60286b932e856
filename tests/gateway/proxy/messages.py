"""Strategies for hypothesis: HTTP messages, and how they are cut into packets."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.gateway.proxy.values import HOST, TOKEN

TOKENS = st.text("abcxyzABC019-!#$%&'*+.^_`|~", min_size=1, max_size=12).map(lambda text: f"x{text}")
"""Names that mean nothing to the gateway: none of its own begins so."""
VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f").filter(
        lambda char: not "\x80" <= char <= "\x9f"
    ),
    max_size=30,
).map(str.strip)
SEGMENTS = st.text("abcXYZ019-._~!$&'()*+,=:@", min_size=1, max_size=8).filter(lambda text: text.strip("."))
BLANKS = st.sampled_from(["", " ", "\t", "  \t "])
METHODS = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
BODIES = st.binary(max_size=300)


@dataclass
class Message:
    """A request or a response: its meaning, and the bytes that say it."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    data: bytes
    nominated: set[str] = field(default_factory=set)
    method: str = "GET"
    status: int = 0
    interim: int = 0
    """Responses with 1xx before it."""
    closes: bool = False
    """Its body ends with the connection."""


@st.composite
def fields(draw: st.DrawFn) -> list[tuple[str, str]]:
    return draw(st.lists(st.tuples(TOKENS, VALUES), max_size=5))


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    """`body` in chunks of any size, with extensions and trailers."""
    data = b""
    while body:
        size = draw(st.integers(1, len(body)))
        extension = draw(st.sampled_from([b"", b";x", b";a=b;c", b' ;q="d;e"']))
        zeros = draw(st.sampled_from([b"", b"0", b"000"]))
        data += b"%b%x%b\r\n%b\r\n" % (zeros, size, extension, body[:size])
        body = body[size:]
    trailers = draw(st.sampled_from([b"", b"X-Sum: 1\r\n", b"A: b\r\nContent-Length: 5\r\n"]))
    return data + b"0\r\n" + trailers + b"\r\n"


def lines(draw: st.DrawFn, headers: list[tuple[str, str]]) -> str:
    return "".join(f"{name}:{draw(BLANKS)}{value}{draw(st.sampled_from(['', ' ']))}\r\n" for name, value in headers)


@st.composite
def requests(draw: st.DrawFn) -> Message:
    """A request of alice's to her own server that every parser reads alike."""
    method = draw(METHODS)
    target = "/user/alice/" + "/".join(draw(st.lists(SEGMENTS, min_size=1, max_size=3)))
    target += draw(st.sampled_from(["", "?", "?a=b&c=%20", "?q=/../x"]))
    headers = draw(fields())
    nominated = set(draw(st.lists(st.sampled_from([name for name, _ in headers]), max_size=2)) if headers else [])
    body, framing = draw(BODIES), draw(st.sampled_from(["none", "length", "chunks"]))
    extra: list[tuple[str, str]] = [("Host", HOST), ("Authorization", f"Bearer {TOKEN}")]
    if nominated:
        extra.append(("Connection", ", ".join(nominated)))
    payload = b""
    if framing == "length":
        extra, payload = [*extra, ("Content-Length", str(len(body)))], body
    elif framing == "chunks":
        extra, payload = [*extra, ("Transfer-Encoding", "chunked")], draw(chunked(body))
    else:
        body = b""
    placed = draw(st.permutations([*headers, *extra]))
    line = f"{method} {target} HTTP/1.1"
    data = f"{line}\r\n{lines(draw, placed)}\r\n".encode("latin-1") + payload
    order = [pair for pair in placed if pair in headers]
    return Message(line, order, body, data, {name.lower() for name in nominated}, method)


@st.composite
def responses(draw: st.DrawFn, method: str, last: bool) -> Message:
    """An answer to `method`; only the last one may end with its connection."""
    status = draw(st.sampled_from([200, 201, 204, 304, 400, 404, 500, 599]))
    headers, body = draw(fields()), draw(BODIES)
    interim = draw(st.integers(0, 2))
    data = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * interim
    framing = draw(st.sampled_from(["length", "chunks", *(["close"] if last else [])]))
    bare = method == "HEAD" or status in (204, 304)
    extra: list[tuple[str, str]] = []
    payload = body
    if framing == "length":
        extra = [("Content-Length", str(len(body)))]
    elif framing == "chunks":
        extra, payload = [("Transfer-Encoding", "chunked")], draw(chunked(body))
    placed = draw(st.permutations([*headers, *extra]))
    line = f"HTTP/1.1 {status} {draw(st.sampled_from(['OK', 'Any Words', '']))}"
    data += f"{line}\r\n{lines(draw, placed)}\r\n".encode("latin-1") + (b"" if bare else payload)
    order = [pair for pair in placed if pair in headers]
    closes = framing == "close" and not bare
    return Message(line, order, b"" if bare else body, data, set(), method, status, interim, closes)


@st.composite
def packets(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """`data` in pieces: a few cuts anywhere, or every byte by itself."""
    if draw(st.booleans()) and len(data) < 600:
        return [data[place : place + 1] for place in range(len(data))]
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with a few bytes put in, taken out or changed, where it matters."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        junk = draw(
            st.sampled_from([b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b"0", b"\xff", b";", b"\r\n\r\n", b""])
        )
        data = data[:place] + junk + data[place + draw(st.integers(0, 2)) :]
    return data
