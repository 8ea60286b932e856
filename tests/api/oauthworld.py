"""OAuth in the tests: two services as clients, and the steps of the flow, each of which a test can spoil."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from falcon import testing

from gateway.hub.core import Hub
from gateway.hub.serviceclients import Wanted
from tests.api.person import FORM, Person

SECRET, OTHER_SECRET = "a-secret-of-the-service", "a-secret-of-the-other-one"
CALLBACK = "/services/who/oauth_callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
READ_ALL = "read:users"
VISITORS = [{"name": "visitors", "scopes": ["access:services", "custom:read"], "groups": ["visitors"]}]
"""The role of those who may use the services, for a module's `ROLES`."""


@dataclass
class Flow:
    """One client, as it should behave."""

    client: str = "service-who"
    secret: str = SECRET
    redirect_uri: str = CALLBACK

    def address(self, **changes: str | None) -> str:
        """The authorize address; None leaves a field out."""
        fields: dict[str, str | None] = {
            "client_id": self.client,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "state": "of-the-client",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        query = urlencode({name: value for name, value in fields.items() if value is not None})
        return f"hub/api/oauth2/authorize?{query}"

    async def code(self, person: Person, **changes: str | None) -> str:
        """The code that the person's browser is sent back with, once they have agreed."""
        address = self.address(**changes)
        answer = await person.page(address)
        if answer.status_code == 200:
            answer = await person.submit(address, {})
        assert answer.status_code == 302, answer.text
        return sent(answer)["code"]

    async def exchange(self, program: Person, brought: str, /, **changes: str | None) -> testing.Result:
        """The client's call for its token."""
        fields: dict[str, str | None] = {
            "client_id": self.client,
            "client_secret": self.secret,
            "grant_type": "authorization_code",
            "code": brought,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **changes,
        }
        body = urlencode({name: value for name, value in fields.items() if value is not None})
        return await program.send("POST", "hub/api/oauth2/token", body, {"Content-Type": FORM})

    async def token(self, person: Person, **changes: str | None) -> str:
        answer = await self.exchange(Person(person.conductor), await self.code(person, **changes))
        assert answer.status_code == 200, answer.text
        value: str = answer.json["access_token"]
        return value


WHO = Flow()
OTHER = Flow("service-other", OTHER_SECRET, "https://other.example/back")


async def services(hub: Hub) -> None:
    """Both services; alice and bob may use them."""
    await hub.groups.add_users("visitors", ["alice", "bob"], by="test")
    await hub.services.add(
        "who", "http://127.0.0.1:9", api_token=SECRET, client=Wanted(scopes=(f"{READ_ALL}!user", "custom:read"))
    )
    await hub.services.add("other", api_token=OTHER_SECRET, client=Wanted(redirect_uri=OTHER.redirect_uri))


def sent(answer: testing.Result) -> dict[str, str]:
    """What the browser is sent back with."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def me(person: Person, token: str) -> Any:
    """Who the hub says that this token is; None if nobody."""
    answer = await Person(person.conductor, token=token).api("GET", "user")
    assert answer.status_code in (200, 403), answer.text
    return answer.json if answer.status_code == 200 else None
