"""mitmproxy's filter language, as far as it applies to what a capture has recorded. Pure.

    ~u /api/contents & !(~m GET | ~c 404)        "~hs content-type: text/html"

It looks at records (`gateway.proxy.records`), so at what their reader will see and
nothing more: who may not read a secret cannot ask for it by a filter either. Patterns
are matched by Rust's `regex` (it comes with pydantic), whose time grows with the text
alone, whatever the pattern; there are no look-arounds and no back-references.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from gateway.errors import BadInput

type Record = Mapping[str, Any]
type Test = Callable[[Record], bool]

LONGEST = 300
DEEPEST = 20

_token = re.compile(r"""\s*(?:([()!&|])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s()"'!&|][^\s()"']*))""")


def parse(text: str) -> Test:
    """A test of a record; `BadInput` says what is wrong with the expression."""
    if not text or len(text) > LONGEST:
        raise BadInput(f"filter must have 1 to {LONGEST} characters", key="filter-length", about={"most": LONGEST})
    reader = _Reader(_tokens(text))
    found = reader.any_of(0)
    if reader.next is not None:
        raise BadInput(
            f"filter: {reader.next[1][:40]!r} is not expected here",
            key="filter-unexpected",
            about={"what": reader.next[1][:40]},
        )
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """`(kind, text)`: `sign`, `quoted` or `word`."""
    place, text = 0, text.rstrip()
    while place < len(text):
        match = _token.match(text, place)
        if match is None:
            raise BadInput("filter: a quotation mark has no partner", key="filter-quote")
        sign, double, single, word = match.groups()
        if sign or word:
            yield ("sign", sign) if sign else ("word", word)
        else:
            yield "quoted", re.sub(r"\\(.)", r"\1", double if double is not None else single)
        place = match.end()


class _Reader:
    """`a | b`, `a & b` or `a b`, `!a`, `(a)`, `~x`, `~x pattern`, `pattern`."""

    def __init__(self, tokens: Iterator[tuple[str, str]]) -> None:
        self._tokens = tokens
        self.next = next(tokens, None)

    def _take(self) -> tuple[str, str]:
        taken, self.next = self.next, next(self._tokens, None)
        if taken is None:
            raise BadInput("filter: something is missing at its end", key="filter-end")
        return taken

    def any_of(self, depth: int) -> Test:
        tests = [self.all_of(depth)]
        while self.next == ("sign", "|"):
            self._take()
            tests.append(self.all_of(depth))
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def all_of(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.next is not None and self.next not in (("sign", "|"), ("sign", ")")):
            if self.next == ("sign", "&"):
                self._take()
            tests.append(self.one(depth))
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def one(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise BadInput(f"filter: more than {DEEPEST} levels", key="filter-deep", about={"most": DEEPEST})
        kind, text = self._take()
        if (kind, text) == ("sign", "!"):
            test = self.one(depth + 1)
            return lambda record: not test(record)
        if (kind, text) == ("sign", "("):
            test = self.any_of(depth + 1)
            if self._take() != ("sign", ")"):
                raise BadInput("filter: a parenthesis has no partner", key="filter-parenthesis")
            return test
        if kind == "sign":
            raise BadInput(f"filter: {text!r} is not expected here", key="filter-unexpected", about={"what": text})
        if kind == "quoted" or not text.startswith("~"):
            return _matching(_url, text)
        return self._operator(text)

    def _operator(self, name: str) -> Test:
        if name in PLAIN:
            return PLAIN[name]
        if name == "~c":
            return _status(self._take()[1])
        if name in TEXTS:
            kind, pattern = self._take()
            if kind == "sign":
                raise BadInput(f"filter: {name} needs a pattern", key="filter-pattern", about={"name": name})
            return _matching(TEXTS[name], pattern)
        known = " ".join((*PLAIN, "~c", *TEXTS))
        raise BadInput(
            f"filter: there is no {name[:20]!r} here; there are {known}",
            key="filter-unknown",
            about={"name": name[:20], "known": known},
        )


def _status(text: str) -> Test:
    if not (len(text) == 3 and text.isascii() and text.isdecimal()):
        raise BadInput("filter: ~c needs a status such as 404", key="filter-status")
    return lambda record: bool(record["response"]) and record["response"]["status"] == int(text)


def _matching(part: Callable[[Record], str], pattern: str) -> Test:
    try:
        found = SchemaValidator(core_schema.str_schema(pattern=f"(?im){pattern}", regex_engine="rust-regex"))
    except SchemaError:
        raise BadInput(
            f"filter: {pattern[:60]!r} is no pattern, or too large a one",
            key="filter-no-pattern",
            about={"pattern": pattern[:60]},
        ) from None
    return lambda record: found.isinstance_python(part(record))


def _request(record: Record) -> Mapping[str, Any]:
    return record["request"]  # type: ignore[no-any-return]  # records are plain JSON


def _response(record: Record) -> Mapping[str, Any]:
    return record["response"] or {}


def _url(record: Record) -> str:
    request = _request(record)
    return f"{request['scheme']}://{request['host']}{request['target']}"


def _headers(message: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in message.get("headers", ()))


def _type(message: Mapping[str, Any]) -> str:
    return "\n".join(value for name, value in message.get("headers", ()) if name.lower() == "content-type")


def _body(message: Mapping[str, Any]) -> str:
    return message.get("body", {}).get("text", "")  # type: ignore[no-any-return]  # records are plain JSON


PLAIN: Mapping[str, Test] = {
    "~all": lambda _record: True,
    "~http": lambda _record: True,
    "~websocket": lambda record: bool(record["websocket"]),
    "~e": lambda record: bool(record["error"]),
    "~q": lambda record: not record["response"],
    "~s": lambda record: bool(record["response"]),
}
TEXTS: Mapping[str, Callable[[Record], str]] = {
    "~u": _url,
    "~m": lambda record: _request(record)["method"],
    "~d": lambda record: _request(record)["host"],
    "~h": lambda record: f"{_headers(_request(record))}\n{_headers(_response(record))}",
    "~hq": lambda record: _headers(_request(record)),
    "~hs": lambda record: _headers(_response(record)),
    "~t": lambda record: f"{_type(_request(record))}\n{_type(_response(record))}",
    "~tq": lambda record: _type(_request(record)),
    "~ts": lambda record: _type(_response(record)),
    "~b": lambda record: f"{_body(_request(record))}\n{_body(_response(record))}",
    "~bq": lambda record: _body(_request(record)),
    "~bs": lambda record: _body(_response(record)),
    "~src": lambda record: record["client"],
}
