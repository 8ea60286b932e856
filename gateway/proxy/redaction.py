"""What is left of a request, an answer or a message once its secrets are hidden. Pure.

By structure: headers, cookies, arguments, forms, JSON, each by the names of `secretnames`
and those that an administrator adds; by pattern, where text has no known structure. What
was found so is then hidden by value wherever else it stands (`hiding.Hider.cleaned`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus

from gateway.proxy import secretnames
from gateway.proxy.hiding import MARK, Hider

type Headers = Sequence[tuple[str, str]]

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
RANDOM = 16
"""Characters without a space that make a value of JSON more than a word."""
NESTED = 3
"""How many times a URL is looked for in an argument of a URL."""

_NAMES = ("password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "xsrf", "csrf", "credential")
_SCHEMES = ("bearer", "token", "basic")
_SEGMENTS = ("/authorizations/", "/api/shares/")
_name = rf"[\w.\[\]-]{{0,40}}(?:{'|'.join(_NAMES)})s?\d{{0,2}}"
_in_url = re.compile(
    r"(?i)([?&;]|%(?:25){0,3}(?:3f|26)|&amp;)([\w.%\[\]-]{1,40}?)(=|%(?:25){0,3}3d)([^&;\s\"'<>#\\]{1,4096})"
)
_in_json = re.compile(rf"""(?i)((["']){_name}\2\s{{0,4}}[:=]\s{{0,4}}(["']))((?:\\.|(?!\3)[^\\])*)""")
_in_json_in_json = re.compile(
    rf"""(?i)((\\{{1,15}}["']){_name}\2\s{{0,4}}:\s{{0,4}}\2)((?:(?!(?<!\\)\2)[^\n]){{0,4096}})"""
)
_in_html = re.compile(rf"""(?i)(\bname=["']?{_name}["']?\s[^<>]{{0,200}}?\bvalue=["']?)([^"'<>\s]+)""")
_jwt = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_scheme = re.compile(r"(?i)(?<!\w)((?:bearer|token|basic)\s{1,3})([\w.~+/=-]{16,})")
_userinfo = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:)([^\s/@\"'<>]{1,300})(?=@)")


class Redactor:
    def __init__(self, hide: Hider, names: Collection[str] = ()) -> None:
        self.hide = hide
        self._names = frozenset(map(secretnames.plain, names))

    def _is(self, kind: Callable[[str], bool], name: str) -> bool:
        return kind(name) or (bool(self._names) and secretnames.plain(name) in self._names)

    # ── heads ────────────────────────────────────────────────────────────────

    def headers(self, headers: Headers) -> list[tuple[str, str]]:
        return [(name, self._header(name, value)) for name, value in headers]

    def _header(self, name: str, value: str) -> str:
        short = secretnames.plain(name)
        if short == "cookie":
            return "; ".join(self._pair(pair) for pair in re.split(r";\s*", value))
        if short == "setcookie":
            first, mark, rest = value.partition(";")
            return self._pair(first) + mark + rest
        if short in {"authorization", "proxyauthorization"}:
            scheme, space, secret = value.partition(" ")
            return f"{scheme}{space}{self.hide(secret.strip())}" if space else self.hide(value)
        if self._is(secretnames.of_header, name):
            return self.hide(value)
        return self.text(value)

    def _pair(self, pair: str) -> str:
        name, mark, value = pair.partition("=")
        # What has no name is a value, as browsers read it.
        return f"{name}={self.hide(value.strip())}" if mark else self.hide(pair.strip())

    def target(self, target: str, depth: int = 0) -> str:
        """A path with its query, or a whole URL."""
        path, mark, query = target.partition("?")
        if "%" in path and secretnames.SEGMENT.search(read := unquote(path)):
            path = read  # whatever letters were escaped
        path = secretnames.SEGMENT.sub(lambda m: m[1] + self.hide(m[0].removeprefix(m[1])), path)
        return f"{path}?{self.arguments(query, depth)}" if mark else path

    def arguments(self, query: str, depth: int = 0) -> str:
        """A query, or a form."""
        parts = re.split(r"([&;])", query)
        parts[::2] = [self._argument(part, depth) for part in parts[::2]]
        return "".join(parts)

    def _argument(self, part: str, depth: int) -> str:
        name, mark, value = part.partition("=")
        if not mark:
            return part
        if self._is(secretnames.of_argument, unquote_plus(name)):
            return f"{name}={self.hide(value)}"
        inner = unquote_plus(value)
        if "?" not in inner:
            return part
        # A URL as an argument: log-in's `next`, and the like.
        shown = self.target(inner, depth + 1) if depth < NESTED else inner.partition("?")[0] + "?" + MARK
        return part if shown == inner else f"{name}={shown.replace('&', '%26').replace(' ', '+')}"

    # ── bodies ───────────────────────────────────────────────────────────────

    def body(self, text: str, kind: str, sent: bool = False) -> str:
        """A body of that Content-Type, whole or its beginning; `sent` by a person or their program."""
        media = kind.partition(";")[0].strip().lower()
        if media == FORM:
            return self.arguments(text)
        if media == MULTIPART:
            return self._multipart(text, kind)
        if media.endswith("json") or text[:1] in {"{", "["}:
            return self.json(text, sent)
        return self.text(text)

    def json(self, text: str, sent: bool = False) -> str:
        """The same text where nothing is hidden by name, else written anew."""
        try:
            value = json.loads(text)
            shown = self.value(value, sent)
        except (ValueError, RecursionError):
            return self.text(text)
        return self.text(text if shown == value else json.dumps(shown, ensure_ascii=False))

    def value(self, value: Any, sent: bool = False, secret: bool = False) -> Any:
        """A JSON value; of what stands under a secret's name every text is hidden."""
        if isinstance(value, dict):
            return {
                key: self.value(item, sent, secret or self._is(secretnames.of_key, str(key)))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, sent, secret) for item in value]
        if not (secret and isinstance(value, str)):
            return value
        # Words of an answer (a schema, a translation) are hidden, but not looked for everywhere.
        random = sent or (len(value) >= RANDOM and " " not in value)
        return self.hide(value) if random else self.hide.name(value)

    def _multipart(self, text: str, kind: str) -> str:
        boundary = re.search(r'(?i)boundary="?([^";]{1,70})', kind)
        if boundary is None:
            return MARK + "multipart"
        mark = "--" + boundary[1]
        return mark.join(self._part(part) for part in text.split(mark))

    def _part(self, part: str) -> str:
        head, gap, content = part.partition("\r\n\r\n")
        name = re.search(r'(?i)[;\s]name="?([^";\r\n]*)', head)
        if not gap or name is None:
            return self.text(part)
        if self._is(secretnames.of_argument, name[1]):
            return f"{head}{gap}{self.hide(content.removesuffix(chr(13) + chr(10)))}\r\n"
        return f"{head}{gap}{self.text(content)}"

    def text(self, text: str) -> str:
        """Text of no known structure."""
        if "=" in text or "%" in text:
            text = self._urls(text)
        # To find that a word is nowhere is fifty times cheaper than to look for what may stand around it.
        low = text.lower() if text.isascii() else None  # beyond ASCII, letters are alike that `lower` keeps apart
        if ('"' in text or "'" in text) and (low is None or any(word in low for word in _NAMES)):
            text = _in_json_in_json.sub(lambda m: m[1] + self.hide.name(m[3]), text)
            text = _in_json.sub(lambda m: m[1] + self._json_text(m[4]), text)
            text = _in_html.sub(lambda m: m[1] + self.hide.name(m[2]), text)
        if "eyJ" in text:
            text = _jwt.sub(lambda m: self.hide.name(m[0]), text)
        if "://" in text:
            text = _userinfo.sub(lambda m: m[1] + self.hide.name(m[2]), text)
        if low is None or any(word in low for word in _SCHEMES):
            text = _scheme.sub(lambda m: m[1] + self.hide.name(m[2]), text)
        if any(part in text for part in _SEGMENTS):
            text = secretnames.SEGMENT.sub(lambda m: m[1] + self.hide.name(m[0].removeprefix(m[1])), text)
        return text

    def _urls(self, text: str, depth: int = 0) -> str:
        """Arguments of URLs, and of URLs that are such arguments, with whatever escaped."""

        def shown(found: re.Match[str]) -> str:
            mark, name, sign, value = found.groups()
            if self._is(secretnames.of_argument, unquote_plus(name)) or (depth >= NESTED and _in_url.search(value)):
                return f"{mark}{name}{sign}{self.hide.name(value)}"
            own, equals, rest = value.partition("=")
            if equals and self._is(secretnames.of_argument, unquote_plus(own)):  # `?a%3Dtoken=…`
                return f"{mark}{name}{sign}{own}={self.hide.name(rest)}"
            return f"{mark}{name}{sign}{self._urls(value, depth + 1)}"

        return _in_url.sub(shown, text)

    def _json_text(self, inner: str) -> str:
        """What stood between quotation marks, its backslashes still there."""
        try:
            read = json.loads(f'"{inner}"')
        except ValueError:
            read = inner
        return self.hide.name(read)
