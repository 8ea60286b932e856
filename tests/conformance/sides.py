"""Both hubs as the calls see them: an address, and credentials that are made when first asked for."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.conformance import world
from tests.conformance.call import NOTHING, Answer, Browser, Call, Caller, Raw, Token

PATIENCE = 30.0
"""Seconds to wait for a status that a call waits for."""


class Side:
    """One of the two, with the tokens and browsers that calls need."""

    def __init__(self, name: str, origin: str, admin_token: str) -> None:
        self.name = name
        self.origin = origin
        self.admin_token = admin_token
        self.http = httpx.Client(base_url=origin, trust_env=False, timeout=60)
        self._tokens: dict[Caller, str] = {Token(world.ADMIN): admin_token}
        self._browsers: dict[str, tuple[httpx.Client, str]] = {}

    def close(self) -> None:
        self.http.close()
        for browser, _ in self._browsers.values():
            browser.close()

    def populate(self) -> None:
        """Users and groups of `world`, in its order."""
        for user in world.USERS:
            self._ask("POST", f"users/{user}")
        for group, users in world.GROUPS.items():
            self._ask("POST", f"groups/{group}", {"users": list(users)})

    def run(self, calls: Iterable[Call]) -> list[Answer]:
        """All calls in their order; what one keeps, the next ones may use."""
        kept: dict[str, str] = {}
        return [self._one(call, kept) for call in calls]

    def _one(self, call: Call, kept: dict[str, str]) -> Answer:
        deadline = time.monotonic() + PATIENCE
        while (answer := self._send(call, kept)).status != call.until and call.until and time.monotonic() < deadline:
            time.sleep(0.2)
        if call.keep:
            _keep(call, answer, kept)
        location = _neutral(answer.headers.get("location", "").encode(), kept, self.origin).decode()
        headers = {**answer.headers, "location": location}
        return Answer(answer.status, headers, _neutral(answer.body, kept, self.origin))

    def _send(self, call: Call, kept: Mapping[str, str]) -> Answer:
        client, headers = self._credential(call.by)
        body = b"" if call.body is NOTHING else call.body if isinstance(call.body, bytes) else json.dumps(call.body)
        answer = client.request(
            call.method,
            f"{self.origin}/hub/api{_filled(call.path, kept)}",
            content=_filled(body, kept)
            if isinstance(body, str)
            else _filled(body.decode("latin-1"), kept).encode("latin-1"),
            headers={**headers, **{name: _filled(value, kept) for name, value in call.headers.items()}},
        )
        return Answer(answer.status_code, dict(answer.headers), answer.content)

    def _credential(self, by: Caller) -> tuple[httpx.Client, dict[str, str]]:
        match by:
            case Raw(""):
                return self.http, {}
            case Raw(authorization):
                return self.http, {"Authorization": authorization}
            case Token():
                return self.http, {"Authorization": f"token {self.token(by)}"}
            case Browser(user, xsrf):
                client, value = self.browser(user)
                value = client.cookies.get("_xsrf", path="/hub/") or value  # a page may have given another one
                presented = {"right": {"X-XSRFToken": value}, "wrong": {"X-XSRFToken": "x" * 40}, "none": {}}[xsrf]
                return client, {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", **presented}

    def token(self, by: Token) -> str:
        if by not in self._tokens:
            body = {"scopes": list(by.scopes)} if by.scopes else {}
            # A user's own token, so that it holds no more than the user does.
            self._tokens[by] = self._ask("POST", f"users/{by.user}/tokens", body)["token"]
        return self._tokens[by]

    def browser(self, user: str) -> tuple[httpx.Client, str]:
        """A logged-in browser and the `_xsrf` that its pages give it."""
        if user not in self._browsers:
            client = httpx.Client(base_url=self.origin, trust_env=False, timeout=60, headers={"Accept": "text/html"})
            form = {"username": user, "password": world.PASSWORD, "_xsrf": _xsrf(client.get("/hub/login").text)}
            answer = client.post("/hub/login", data=form, headers={"Origin": self.origin})
            assert answer.status_code == 302, f"{self.name}: {answer.status_code} {answer.text[:500]}"
            page = client.get("/hub/home")
            client.headers["Accept"] = "*/*"
            self._browsers[user] = client, client.cookies.get("_xsrf", path="/hub/") or _xsrf(page.text)
        return self._browsers[user]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """What must succeed, as the admin."""
        headers = {"Authorization": f"token {self.admin_token}"}
        answer = self.http.request(method, f"/hub/api/{path}", json=body or {}, headers=headers)
        assert answer.status_code < 300, f"{self.name}: {method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


def _xsrf(page: str) -> str:
    found = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)
    assert found, page[:1000]
    return found[1]


def _filled(text: str, kept: Mapping[str, str]) -> str:
    for name, value in kept.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _keep(call: Call, answer: Answer, kept: dict[str, str]) -> None:
    for name, where in call.keep.items():
        if where.startswith("?"):
            found = parse_qs(urlsplit(answer.headers.get("location", "")).query).get(where[1:])
            assert found, f"{call.about}: {answer.status} {answer.headers} {answer.body[:500]!r}"
            kept[name] = found[0]
            continue
        value = json.loads(answer.body)
        assert isinstance(value, list) or where.partition(".")[0] in value, f"{call.about}: {answer}"
        for step in where.split("."):
            value = value[int(step) if isinstance(value, list) else step]
        kept[name] = str(value)


def _neutral(body: bytes, kept: Mapping[str, str], origin: str) -> bytes:
    """The body with what differs by chance replaced by its name: kept values, the address."""
    body = body.replace(origin.encode(), b"{origin}")
    for name, value in kept.items():
        body = re.sub(rb"(?<![\w-])%s(?![\w-])" % re.escape(value.encode()), f"{{{name}}}".encode(), body)
    return body
