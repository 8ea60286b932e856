"""Where services and custom routes may not lead: back to the gateway, to somebody's server, to link-local addresses.

Checked on the address that was really reached, so that no spelling and no change of
a name's meaning helps. Pure.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from gateway.routes import Route

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refusal(StrEnum):
    """Why a connection must not be used, in a sentence for logs and the API."""

    NONE = ""
    NO_ADDRESS = "it is no IP address"
    OUT_OF_BOUNDS = "link-local and multicast addresses are out of bounds"
    THIS_MACHINE = "it stands for the gateway's own machine"
    GATEWAY = "it is the gateway itself"
    SERVER = "it is the server of a user"


def address(text: str) -> Address | None:
    """An IP address, IPv4 in IPv6 unwrapped; None if `text` is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def refusal(peer: str, local: str, port: int, own_ports: Collection[int], routes: Iterable[Route]) -> Refusal:
    """Why a connection from `local` to `peer` and `port` must not be used; `NONE`, which is "", if it may."""
    found = address(peer.partition("%")[0])
    if found is None:
        return Refusal.NO_ADDRESS
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return Refusal.OUT_OF_BOUNDS
    # Who connects to an address of his own machine does so from that address.
    here = found.is_loopback or found == address(local.partition("%")[0])
    if here and port in own_ports:
        return Refusal.GATEWAY
    for route in routes:
        if route.kind == "server" and _same(route, peer, port, here):
            return Refusal.SERVER
    return Refusal.NONE


def _same(route: Route, peer: str, port: int, here: bool) -> bool:
    if not route.url.startswith("http"):
        return False
    parts = urlsplit(route.url)
    if (parts.port or 80) != port:
        return False
    server = address(parts.hostname or "")
    return server is None or server == address(peer) or (here and server.is_loopback)
