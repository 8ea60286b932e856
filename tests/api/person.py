"""A person's browser at the hub, and the worker that stands between them.

It keeps cookies as a browser does (by name; the hub's paths do not overlap) and
sends what a worker sends: the credential instead of the session cookie, and where
the request came from.
"""

from __future__ import annotations

import asyncio
import json as jsons
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from falcon import testing

from gateway.model import digest
from tests.api import documented

SESSION = "hubgate-session"
HOST = "hub.example:8000"
NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"


class Person:
    def __init__(
        self, conductor: testing.ASGIConductor, base: str = "/", token: str = "", scheme: str = "http"
    ) -> None:
        self.conductor = conductor
        self.base = base
        self.token = token
        self.scheme = scheme
        self.cookies: dict[str, str] = {}

    async def send(
        self, method: str, path: str, body: str | bytes = b"", headers: Mapping[str, str] | None = None
    ) -> testing.Result:
        """Any request. `path` is below the base path, with its query."""
        given = self.added(headers or {})
        raw, _, query = (self.base + path).partition("?")
        result = await self.conductor.simulate_request(method, raw, query_string=query, body=body, headers=given)
        documented.check(method, (path.partition("?")[0]), result)
        for name, cookie in result.cookies.items():
            if cookie.expires is not None:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value
        return result

    async def stream(self, path: str, headers: Mapping[str, str] | None = None) -> str:
        """The events of a start, read to the last one."""
        raw, _, query = (self.base + path).partition("?")
        given = self.added(headers or {})
        async with self.conductor.simulate_get_stream(raw, query_string=query, headers=given) as result:
            assert result.status_code == 200
            assert result.headers["content-type"] == "text/event-stream"
            assert result.headers["cache-control"] == "no-cache"
            text = ""
            async with asyncio.timeout(5):
                while not re.search('"(ready|failed)": ?true', text):
                    text += (await result.stream.read()).decode()
                    await asyncio.sleep(0.01)
            return text

    def added(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The request's headers as they come out of a worker."""
        given = {
            "X-Forwarded-For": "192.0.2.7",
            "X-Forwarded-Proto": self.scheme,
            "X-Forwarded-Host": HOST,
            "X-Request-Id": "request-1",
            **self.credential(),
            **headers,
        }
        passing = {name: value for name, value in self.cookies.items() if not name.endswith(SESSION)}
        if passing:
            given.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in passing.items()))
        return given

    def credential(self) -> dict[str, str]:
        if self.token:
            return {"X-Hubgate-Credential": f"token {digest(self.token)}"}
        value = self.cookies.get(f"__Host-{SESSION}") or self.cookies.get(SESSION)
        return {"X-Hubgate-Credential": f"session {digest(value)}"} if value else {}

    async def page(self, path: str, **headers: str) -> testing.Result:
        """Go to an address."""
        return await self.send("GET", path, headers=NAVIGATE | {k.replace("_", "-"): v for k, v in headers.items()})

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> testing.Result:
        """Send a form from one of our pages, as it stands: no `_xsrf` is added."""
        given = NAVIGATE | {"Content-Type": FORM, "Origin": f"{self.scheme}://{HOST}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send("POST", path, urlencode(fields), {k: v for k, v in given.items() if v})

    async def submit(self, path: str, fields: Mapping[str, str], page: str = "", **headers: str) -> testing.Result:
        """Send a form of the page at `page` (default: the same path), with its `_xsrf`."""
        return await self.post(path, {**fields, "_xsrf": proof(await self.page(page or path))}, **headers)

    async def log_in(self, name: str) -> testing.Result:
        fields = {"username": name, "password": "the shared password", "authenticator": "dummy"}
        result = await self.submit("hub/login", fields)
        assert result.status_code == 302, result.text
        return result

    async def api(self, method: str, path: str, json: Any = None, **headers: str) -> testing.Result:
        """Call the API as a script or program does that sends no fetch metadata."""
        given = {"Content-Type": "application/json"} if json is not None else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send(method, f"hub/api/{path}", "" if json is None else jsons.dumps(json), given)

    async def rest(self, method: str, path: str, json: Any = None) -> testing.Result:
        """The same in our own dialect."""
        given = {"Content-Type": "application/json"} if json is not None else {}
        return await self.send(method, f"api/{path}", "" if json is None else jsons.dumps(json), given)


def proof(page: testing.Result) -> str:
    """The `_xsrf` in a page's first form."""
    found = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]
