"""A service that knows who visits it, without a log-in of its own.

    [[services]]
    name = "whoami"
    url = "http://127.0.0.1:9000"
    command = ["/opt/hubgate/bin/python", "/path/to/whoami.py"]

The gateway sends `X-Hubgate-Identity` with each request: a JWT that says who came, signed
with its Ed25519 key, for this one route and this one minute. Whoever else can reach the port
cannot make one. It runs behind a custom route as well, or started by somebody else:

    whoami.py --bind 127.0.0.1:9000 --audience custom:/whoami/ --keys https://hub.example.org/hub/api/jwks.json

It needs Python and `pyjwt[crypto]`.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import jwt

HEADER = "X-Hubgate-Identity"
PATIENCE = 5.0
"""Seconds for the gateway to tell its keys; and between two askings, or anybody could make us ask all the time."""


class Keys:
    """The gateway's public keys. They are renewed now and then: an unknown one is asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked = -PATIENCE
        self._lock = threading.Lock()
        # No proxy of the environment's: what answers here decides who everybody is.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __getitem__(self, key_id: str) -> jwt.PyJWK:
        with self._lock:
            if key_id not in self._keys and time.monotonic() - self._asked >= PATIENCE:
                self._asked = time.monotonic()
                with self._opener.open(self._url, timeout=PATIENCE) as answer:
                    found = jwt.PyJWKSet.from_dict(json.load(answer))
                self._keys = {str(key.key_id): key for key in found.keys}
            return self._keys[key_id]


class Gate:
    """Who sent this request? Asked for each one."""

    def __init__(self, keys: Keys, audience: str) -> None:
        self._keys = keys
        self._audience = audience

    def visitor(self, tokens: list[str]) -> dict[str, Any]:
        """The claims of the one token, or `PermissionError`."""
        if len(tokens) != 1:
            raise PermissionError("this is to be reached through the gateway only")
        try:
            key = self._keys[str(jwt.get_unverified_header(tokens[0]).get("kid"))]
            # The algorithm is ours to name, never the token's: else `none`, or HS256 with the public key, would do.
            # `aud` is this route: a token that another service was shown is good for nothing here.
            claims: dict[str, Any] = jwt.decode(
                tokens[0],
                key,
                algorithms=["EdDSA"],
                audience=self._audience,
                options={"require": ["exp", "aud", "sub"]},
            )
        except (jwt.PyJWTError, LookupError, OSError, ValueError) as error:
            raise PermissionError(f"this identity is not valid: {error}") from None
        return claims


def handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                claims = gate.visitor(self.headers.get_all(HEADER, []))
            except PermissionError as error:
                self._answer(401, {"error": str(error)})
            else:
                self._answer(200, {"name": claims["sub"], "groups": claims.get("groups", [])})

        def _answer(self, status: int, what: dict[str, Any]) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> None:
    """What is not on the command line comes from the gateway that started this."""
    mine = os.environ
    place = urlsplit(mine.get("JUPYTERHUB_SERVICE_URL", "")).netloc
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", default=place, help="HOST:PORT")
    parser.add_argument(
        "--audience", default=f"service:{mine.get('JUPYTERHUB_SERVICE_NAME', '')}", help="the route's id"
    )
    parser.add_argument("--keys", default=f"{mine.get('JUPYTERHUB_API_URL', '')}/jwks.json", help="URL of the keys")
    given = parser.parse_args()
    host, _, port = given.bind.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), handler(Gate(Keys(given.keys), given.audience)))
    server.serve_forever()


if __name__ == "__main__":
    main()
