"""A small provider of identities, and the gateway's plugin for it: what a real one would be, without its size.

`/authorize` sends the browser back at once with a code for the name that the test has set;
`/token` exchanges the code, once, against the client's secret.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SECRET = "the-secret-of-this-client"

PLUGIN = '''
"""People of the small provider."""

import asyncio
import json
import urllib.error
import urllib.request
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from gateway.errors import Forbidden
from gateway.hookspecs import Departure, RedirectAuthenticator, hookimpl
from gateway.model import Login


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    client_secret: str
    refresh_seconds: float = 0


class Small(RedirectAuthenticator):
    Options = Options
    name = "small"
    display_name = "Small Provider"

    def __init__(self, options, storage):
        super().__init__(options, storage)
        self.refresh_seconds = options.refresh_seconds

    async def begin(self, state, callback_url, request):
        query = urlencode({"state": state, "redirect_uri": callback_url})
        return Departure(f"{self.options.url}/authorize?{query}")

    async def finish(self, arrival, request):
        if "error" in arrival.query:
            raise Forbidden("The provider did not let you in.")
        fields = {"code": arrival.query.get("code", ""), "client_secret": self.options.client_secret}
        answer = await asyncio.to_thread(self._ask, "/token?" + urlencode(fields))
        return Login(answer["name"], memory={"name": answer["name"]}) if answer else None

    async def refresh(self, name, memory):
        answer = await asyncio.to_thread(self._ask, "/alive?" + urlencode(memory))
        return Login(name, memory=memory) if answer["alive"] else None

    async def log_out(self, name, memory, return_url):
        return f"{self.options.url}/logout?" + urlencode({"return": return_url})

    def _ask(self, path):
        try:
            with urllib.request.urlopen(self.options.url + path, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 400:
                return None
            raise


@hookimpl
def gateway_authenticators():
    return {"small": Small}
'''


class Provider:
    """The provider's side; a test changes it as it likes."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.name = "alice"
        """Who is logged in there, as far as `/authorize` is concerned."""
        self.codes: dict[str, str] = {}
        self.gone: set[str] = set()
        self.broken = False

    def code(self) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = self.name
        return code

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if self.broken:
            return 500, {"error": "out of order"}
        match path:
            case "/authorize":
                back = urlencode({"code": self.code(), "state": query["state"]})
                return 302, f"{query['redirect_uri']}?{back}"
            case "/token":
                name = self.codes.pop(query["code"], "") if query["client_secret"] == SECRET else ""
                return (200, {"name": name}) if name else (400, {"error": "invalid_grant"})
            case "/alive":
                return 200, {"alive": query["name"] not in self.gone}
        return 200, {}


@contextmanager
def provider() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            status, said = made.answer(parts.path, query)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", said)
            body = b"" if status == 302 else json.dumps(said).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Not into the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(server.server_address[1])
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
