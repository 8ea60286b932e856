"""The gate's own answers, as bytes."""
from __future__ import annotations
from dataclasses import dataclass
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.gate import Redirect
from gateway.proxy.site import Site

@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response. `bytes(answer)` is what goes on the wire."""
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    head_only: bool = False
    def __bytes__(self) -> bytes: ...

def refusal(refuse: Refuse, site: Site, *, request_id: str, navigation: bool, method: bytes = b"GET", clear_path: str = "", close: bool = False) -> Answer: ...
def redirection(redirect: Redirect, site: Site, *, request_id: str, method: bytes = b"GET", clear_path: str = "", close: bool = False) -> Answer: ...
def health(connected: bool, *, request_id: str, method: bytes = b"GET", close: bool = False) -> Answer: ...
def clearing(site: Site, path: str) -> list[tuple[bytes, bytes]]:
    """`Set-Cookie` headers that clear the session cookies seen at `path`; for responses to requests with `facts.clear_cookies`, before the upstream's own headers."""
    ...
