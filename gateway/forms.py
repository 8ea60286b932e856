"""What single settings may look like: each function checks one form and returns it normalised.

All raise `ValueError` with what was expected. Each takes its own result again
unchanged, because checked settings travel from the supervisor to its children.
"""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway import scopes
from gateway.clients import SERVICE_CLIENT
from gateway.errors import BadInput
from gateway.model import checked_group_name, checked_name
from gateway.routes import LONGEST_TOKEN, SECRET_MARK

type Place = Path | tuple[str, int]
"""Where one process finds another: a unix socket's path, or (host, port)."""

HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ROLE_NAME = re.compile(r"[a-z][a-z0-9_~.-]{1,253}[a-z0-9]")
API_TOKEN = re.compile(rf"[A-Za-z0-9._~+/=-]{{16,{LONGEST_TOKEN}}}")
OPTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,3})?)([KMGTkmgt])?(?:i?[Bb])?")
INFORMATION = 65536
OF_HTTP = frozenset({
    "accept", "accept-encoding", "accept-language", "authorization", "cache-control", "connection", "cookie", "expect",
    "forwarded", "host", "keep-alive", "origin", "range", "referer", "te", "trailer", "transfer-encoding", "upgrade",
    "user-agent", "via", "x-csrftoken", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
    "x-forwarded-prefix", "x-forwarded-proto", "x-request-id", "x-xsrftoken",
})  # fmt: skip
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def user_name(value: str) -> str:
    try:
        return checked_name(value)
    except BadInput as error:
        raise ValueError(f"a valid user name: {error}") from None


def group_name(value: str) -> str:
    try:
        return checked_group_name(value)
    except BadInput as error:
        raise ValueError(f"a valid group name: {error}") from None


def proxy_header(value: str) -> str:
    """A header in which a proxy names somebody: none that means something already."""
    name = value.lower()
    if not TOKEN.fullmatch(name) or len(name) > 64 or name.count("-") > 5 or "_" in name:
        raise ValueError("the name of a header: letters, digits and at most five hyphens")
    if name in OF_HTTP or name.startswith(("x-hubgate", "sec-", "content-", "proxy-", "access-control-")):
        raise ValueError(f"a header of its own, and {value!r} means something already")
    return name


def role_name(value: str) -> str:
    if not ROLE_NAME.fullmatch(value):
        raise ValueError("3 to 255 characters a-z, 0-9, '-', '_', '~' and '.', a letter first, a letter or digit last")
    return value


def custom_scope(value: str) -> str:
    if not scopes.CUSTOM.fullmatch(value):
        raise ValueError(
            "'custom:' and a name of a-z, 0-9, '-', '_', ':' and '*', that begins with a letter or digit "
            "and does not end with '-' or ':'"
        )
    return value


def address(value: str) -> tuple[str, int]:
    """`HOST:PORT` or `[IPV6]:PORT` to (host, port), the host without brackets."""
    name, _, port = value.rpartition(":")
    number = int(port) if re.fullmatch("[0-9]{1,5}", port) else 65536
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else ""
    if number > 65535 or not (_is_ip(bare, 6) if bare else HOST_NAME.fullmatch(name)):
        raise ValueError("HOST:PORT, such as 127.0.0.1:8000, [::1]:8000 or, for every address, 0.0.0.0:8000")
    return bare or name.lower(), number


def joined(name: str, port: int) -> str:
    """(host, port) as one text; IPv6 in brackets."""
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def reachable(bind: str) -> str:
    """What to dial for a bound address: "every address" is reached at loopback."""
    name, port = address(bind)
    return joined({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name), port)  # noqa: S104  # compared, not bound


def base_path(value: str) -> str:
    """`x`, `/x` and `/x/` to `/x/`."""
    segments = value.strip("/").split("/") if value.strip("/") else []
    if any(not SEGMENT.fullmatch(segment) or set(segment) == {"."} for segment in segments):
        raise ValueError("a path such as / or /jupyter/, made of letters, digits, '-', '_', '~' and '.'")
    return "/" + "".join(f"{segment}/" for segment in segments)


def origin(value: str, base: str) -> str:
    """`https://Host[:443][/base/]` to `https://host`."""
    if not value:
        return ""
    expected = "an origin, such as https://hub.example.org"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    name = parts.hostname or ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not (_is_ip(name) or HOST_NAME.fullmatch(name)):
        raise ValueError(expected)
    if parts.path.strip("/") not in ("", base.strip("/")) or parts.query or parts.fragment:
        raise ValueError(f"{expected}, with no path but base_path")
    if port == {"http": 80, "https": 443}[parts.scheme]:
        port = None
    name = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")


def host(value: str) -> str:
    """A value of the Host header: a name or an address, with a port or without."""
    name, port = value.lower(), ""
    if (match := re.fullmatch(r"(.+):([0-9]{1,5})", name)) and (match[1].endswith("]") or ":" not in match[1]):
        name, port = match[1], f":{match[2]}"
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else ""
    if not (_is_ip(bare, 6) if bare else HOST_NAME.fullmatch(name)):
        raise ValueError("a host name as it stands in an address, such as hub.example.org or hub.example.org:8443")
    return name + port


def network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError("an address or a network, such as 10.0.0.7 or 10.0.0.0/8") from None


def channel_bind(value: str) -> str:
    if not value:
        return ""
    return _local(value, "a path (unix:/run/hubgate.sock) or a loopback address with its port (127.0.0.1:8100)")


def channel_url(value: str) -> str:
    if not value:
        return ""
    expected = "a path (unix:/run/hubgate.sock) or a loopback URL (http://127.0.0.1:8100)"
    if value.startswith("http://"):
        return "http://" + _local(value.removeprefix("http://").removesuffix("/"), expected, path=False)
    if value.startswith("unix:"):
        return _local(value, expected)
    raise ValueError(expected)


def place(value: str) -> Place | None:
    """A checked channel address as a value; None if it is empty."""
    if not value:
        return None
    return Path(value.removeprefix("unix:")) if value.startswith("unix:") else address(value)


def store_url(value: str) -> str:
    if value.startswith("sqlite:"):
        if value.removeprefix("sqlite:").strip("/") not in ("", ":memory:"):
            return value
    elif value.startswith(("postgresql://", "postgres://")) and urlsplit(value).path.strip("/"):
        return "postgresql://" + value.partition("://")[2]
    raise ValueError("sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE")


def profile_name(value: str) -> str:
    if not PROFILE_NAME.fullmatch(value):
        raise ValueError("1 to 64 letters, digits, '-', '_' and '.'")
    return value


def service_name(value: str) -> str:
    """It stands in addresses, in scopes (`access:services!service=…`) and in the name of a file."""
    return profile_name(value)


def service_url(value: str) -> str:
    """`http://HOST:PORT[/]` without the last slash; "" for a service that nobody visits."""
    if not value:
        return ""
    expected = "the address of a service, such as http://127.0.0.1:9000, with no path"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    name = parts.hostname or ""
    known = _is_ip(name) or HOST_NAME.fullmatch(name)
    if parts.scheme != "http" or not known or "@" in parts.netloc or port == 0:
        raise ValueError(expected)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(expected)
    return f"http://{joined(name, port or 80)}"


def api_token(value: str) -> str:
    """What a service proves itself with; as long as the gateway takes from anybody."""
    if value and (not API_TOKEN.fullmatch(value) or value.startswith(SECRET_MARK)):
        raise ValueError(
            f"16 to {LONGEST_TOKEN} letters, digits and '.', '_', '~', '+', '/', '=', '-', not beginning with "
            f"{SECRET_MARK!r}, as `openssl rand -hex 32` makes them"
        )
    return value


def client_id(value: str) -> str:
    """A service's id as an OAuth client; it is the name of a cookie, too."""
    if value and (not value.startswith(SERVICE_CLIENT) or not TOKEN.fullmatch(value) or len(value) > 128):
        raise ValueError(
            f"a name that begins with {SERVICE_CLIENT!r}, of at most 128 letters, digits and '-', '.', '_'"
        )
    return value


def client_scope(value: str) -> str:
    """A scope that an OAuth client may ask for; those that the settings declare are told by their form."""
    if not scopes.known(value) and not scopes.CUSTOM.fullmatch(value.partition("!")[0]):
        raise ValueError(f"scopes that exist, but {value!r} does not")
    return value


def redirect_uri(value: str) -> str:
    """Where OAuth sends browsers back to: a path of the gateway, or a URL."""
    if not value:
        return ""
    expected = "a path such as /services/NAME/oauth_callback, or a URL such as https://app.example.org/callback"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(expected) from None
    plain = value.isascii() and value.isprintable() and not set(value) & set(' \\#"<>') and len(value) <= 2000
    path = value.startswith("/") and not value.startswith("//")
    url = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    if not plain or not (path or url) or any(part in (".", "..") for part in parts.path.split("/")):
        raise ValueError(expected)
    return value


def information(values: dict[str, Any]) -> dict[str, Any]:
    """What the API shows of a service as it stands here."""
    try:
        size = len(json.dumps(values, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError("values that JSON has: text, numbers, true, false, lists and tables") from None
    if size > INFORMATION:
        raise ValueError(f"at most {INFORMATION} characters of JSON")
    return values


def environment(values: dict[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not VARIABLE.fullmatch(name) or "\0" in value:
            raise ValueError(f"names of variables made of letters, digits and '_', but {name!r} is none")
        if name.startswith("HUBGATE_"):
            raise ValueError(f"no name that begins with HUBGATE_ (those are the gateway's own), but {name!r} does")
    return values


def relative_path(value: str) -> str:
    value = value.lstrip("/")
    if not value.isascii() or not value.isprintable() or " " in value or ".." in value.split("/"):
        raise ValueError("a path below the server's own, such as api or api/status")
    return value


def option_name(value: str) -> str:
    if not OPTION_NAME.fullmatch(value) or value == "profile":
        raise ValueError("a name of letters a-z, digits and '_' that begins with a letter, and not profile")
    return value


def pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"a regular expression: {error}") from None
    return value


def status(value: int) -> int:
    if value and not 100 <= value < 600:
        raise ValueError("a status of HTTP, such as 200, or 0 for any below 500")
    return value


def size(value: object) -> object:
    """Bytes as a number, or a text such as `512M` and `2G`."""
    if not isinstance(value, str):
        return value
    if not (found := SIZE.fullmatch(value.strip())):
        raise ValueError('bytes, or a text such as "512M" or "2G"')
    return int(float(found[1]) * 1024 ** "KMGT".index(found[2].upper()) * 1024) if found[2] else int(float(found[1]))


def upgrade(value: str) -> str:
    if not TOKEN.fullmatch(value):
        raise ValueError("a protocol as in the Upgrade header, such as websocket")
    return value.lower()


def _local(value: str, expected: str, *, path: bool = True) -> str:
    if path and value.startswith(("unix:", "/")):
        name = value.removeprefix("unix:")
        if not name or "\0" in name:
            raise ValueError(expected)
        return f"unix:{name}"
    try:
        name, port = address(value)
    except ValueError:
        raise ValueError(expected) from None
    if not loopback(name):
        raise ValueError(f"{expected}; another machine needs TLS, which the channel does not speak yet")
    if port == 0:
        raise ValueError(f"{expected}; port 0 cannot be found by the other side")
    return joined(name, port)


def loopback(host: str) -> bool:
    """Does this host stand for this machine alone?"""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(value: str, version: int | None = None) -> bool:
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        return False
    return version in (None, found.version)
