"""Log-in at a provider that signs what it says with a secret that both know.

The provider's page is asked for with `state`, `redirect_uri` and a nonce; it sends the
browser back with `code`: a name, the nonce and an end, and an HMAC over the three. So a
code is good for a minute, and only for the browser that was sent with its nonce.

`python -m hubgate_plugin_demo.provider PORT SECRET` is such a provider, for trying out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import sys
import time
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from gateway.errors import Forbidden
from gateway.hookspecs import Arrival, Departure, LoginRequest, RedirectAuthenticator
from gateway.model import Login, checked_name

LASTS = 60
"""Seconds that a code is good for."""
LONGEST = 4096


class ProviderOptions(BaseModel):
    """`[authenticator.provider]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^?#]+$")
    secret: str = Field(min_length=16)


class Provider(RedirectAuthenticator):
    Options: ClassVar = ProviderOptions
    options: ProviderOptions
    name = "provider"
    display_name = "The demo's provider"

    async def begin(self, state: str, callback_url: str, request: LoginRequest) -> Departure:
        nonce = secrets.token_urlsafe(24)
        query = urlencode({"state": state, "redirect_uri": callback_url, "nonce": nonce})
        return Departure(f"{self.options.url}?{query}", {"nonce": nonce})

    async def finish(self, arrival: Arrival, request: LoginRequest) -> Login | None:
        if arrival.query.get("error"):
            raise Forbidden("The provider did not let you in")
        said = opened(self.options.secret, arrival.query.get("code", ""))
        if said is None or not isinstance(arrival.memory, dict):
            return None
        until = said.get("until")
        if said.get("nonce") != arrival.memory.get("nonce") or not isinstance(until, float) or until < time.time():
            return None
        return Login(checked_name(str(said["name"])))


def signed(secret: str, name: str, nonce: str, until: float) -> str:
    """A code, as the provider makes it."""
    body = base64.urlsafe_b64encode(json.dumps({"name": name, "nonce": nonce, "until": until}).encode())
    return f"{body.decode()}.{_mac(secret, body)}"


def opened(secret: str, code: str) -> Mapping[str, object] | None:
    """What a code says, if it is the provider's."""
    if len(code) > LONGEST or not code.isascii():
        return None
    body, _, mac = code.partition(".")
    if not hmac.compare_digest(_mac(secret, body.encode()), mac):
        return None
    said = json.loads(base64.urlsafe_b64decode(body))
    return said if isinstance(said, dict) else None


def _mac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Page(http.server.BaseHTTPRequestHandler):
    """Everybody is who they say: `GET /?…&name=guest-7` sends the browser back."""

    secret = ""

    def do_GET(self) -> None:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if "name" not in query:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"Add &name=YOU to this address.\n")
            return
        code = signed(self.secret, query["name"], query["nonce"], time.time() + LASTS)
        back = urlencode({"state": query["state"], "code": code})
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{back}")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: a line would hold the code."""


if __name__ == "__main__":
    Page.secret = sys.argv[2]
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
