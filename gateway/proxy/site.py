"""What the gate must know of the settings, worked out once: names, origins, cookies, limits.

Pure. A `Site` is made when the sockets are bound, because port 0 is allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from urllib.parse import urlsplit

from gateway.routes import SESSION_COOKIE, Segments, base_segments, session_cookie
from gateway.settings import Settings
from gateway.targets import address

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SESSION_COOKIES = (SESSION_COOKIE.encode(), b"__Host-" + SESSION_COOKIE.encode())
"""Both forms of the session cookie's name: what never passes through the gateway."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """The gateway as its clients see it."""

    base_path: str
    """With both slashes: `/` or `/x/`."""
    base: Segments
    hosts: frozenset[str]
    """`Host` values that are ours, lower case, exactly."""
    names: frozenset[str]
    """Host names that are ours whatever the port."""
    public_host: str
    """Host of `public_url` in the form of `Host`; "" when there is none."""
    public_origin: str
    """Origin of `public_url`; "" when there is none."""
    public_scheme: str
    secure: bool
    """Browsers come by https: cookies are `Secure`."""
    cookie: bytes
    """The session cookie's name."""
    trusted: tuple[Network, ...]
    """Peers whose forwarding headers are believed."""
    proxy_headers: tuple[bytes, ...]
    """In which a trusted peer says who somebody is, lower case. Only the hub gets them, and from such a peer only."""
    hidden: frozenset[bytes]
    """The same in every spelling with `-` or `_`: for many servers they are one header."""
    token_in_url: bool
    max_header: int
    max_body: int
    """Bytes; 0 = unlimited."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        addresses: Iterable[tuple[str, int]],
        tls: bool = False,
        proxy_headers: Iterable[str] = (),
    ) -> Site:
        """The site of these settings, listening on these bound addresses."""
        gateway = settings.gateway
        public = urlsplit(gateway.public_url)
        scheme = public.scheme.lower()
        secure = tls or scheme == "https"
        hosts = set(_bound_hosts(addresses, "https" if tls else "http"))
        names: set[str] = set()
        for entry in gateway.allowed_hosts:
            host = entry.strip().lower()
            (hosts if _has_port(host) else names).add(host)
        public_host = _without_default_port(public.netloc.rpartition("@")[2].lower(), scheme)
        hosts |= _spellings(public_host, scheme)
        vouching = tuple(dict.fromkeys(name.encode() for name in proxy_headers))
        return cls(
            base_path=gateway.base_path,
            base=base_segments(gateway.base_path),
            hosts=frozenset(hosts),
            names=frozenset(names),
            public_host=public_host,
            public_origin=f"{scheme}://{public_host}" if public_host else "",
            public_scheme=scheme,
            secure=secure,
            cookie=session_cookie(gateway.base_path, secure).encode(),
            trusted=tuple(ipaddress.ip_network(entry, strict=False) for entry in gateway.trusted_proxies),
            proxy_headers=vouching,
            hidden=frozenset(spelled for name in vouching for spelled in _underlined(name)),
            token_in_url=gateway.token_in_url,
            max_header=gateway.max_header,
            max_body=gateway.max_body,
        )

    def ours(self, host: str) -> bool:
        """Is this `Host` value (lower case) one that we answer to?"""
        return host in self.hosts or (bool(self.names) and host_name(host) in self.names)

    def named(self, host: str) -> bool:
        """Is this `Host` value (lower case) one of our names, at whatever port?"""
        name = host_name(host)
        return name in self.names or any(name == host_name(each) for each in self.hosts)

    def origin(self, scheme: str, host: str) -> str:
        """The origin that browsers see for a request to `host` (lower case)."""
        if self.public_host and host in _spellings(self.public_host, self.public_scheme):
            return self.public_origin
        return f"{scheme}://{_without_default_port(host, scheme)}"

    def trusts(self, peer: str) -> bool:
        """Are forwarding headers of this address believed?"""
        return bool(self.trusted) and _within(peer, self.trusted)


def _underlined(name: bytes) -> Iterable[bytes]:
    words = name.split(b"-")
    for marks in product((b"-", b"_"), repeat=len(words) - 1):
        yield words[0] + b"".join(mark + word for mark, word in zip(marks, words[1:], strict=True))


def host_name(host: str) -> str:
    """`Host` without its port: `[::1]:80` to `[::1]`."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _has_port(host: str) -> bool:
    return host_name(host) != host


@lru_cache(maxsize=4096)
def _within(peer: str, networks: tuple[Network, ...]) -> bool:
    found = address(peer)
    return found is not None and any(found in network for network in networks)


def _bound_hosts(addresses: Iterable[tuple[str, int]], scheme: str) -> Iterable[str]:
    """Loopback names and the bound address, with the port.

    An address that stands for all (`0.0.0.0`, `::`) names none: what a machine is
    called must be said in `allowed_hosts`, else a name under somebody else's
    control could be made to point here (DNS rebinding).
    """
    for host, port in addresses:
        names = list(LOOPBACK)
        found = address(host.strip("[]").partition("%")[0])
        if found is None:
            names.append(host.lower())
        elif not found.is_unspecified:
            names.append(f"[{found}]" if found.version == 6 else str(found))
        for name in names:
            yield from _spellings(_without_default_port(f"{name}:{port}", scheme), scheme)


@lru_cache(maxsize=64)
def _spellings(host: str, scheme: str) -> frozenset[str]:
    """`host` with and without the scheme's default port, where it has no other."""
    if not host:
        return frozenset()
    if _has_port(host):
        return frozenset({host})
    return frozenset({host, f"{host}:{_DEFAULT_PORTS.get(scheme, 80)}"})


def _without_default_port(host: str, scheme: str) -> str:
    name = host_name(host)
    return name if host == f"{name}:{_DEFAULT_PORTS.get(scheme, 80)}" else host
