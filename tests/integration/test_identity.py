"""The signed identity, as a service checks it: `examples/whoami.py`, behind a real gateway and past it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.integration import echo
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port

pytestmark = pytest.mark.sockets

WHOAMI = Path(__file__).parents[2] / "examples/whoami.py"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """`whoami` and `other` are the example; `leaky` shows everybody what it was sent."""
    ports = {name: free_port() for name in ("whoami", "other", "leaky")}
    commands = {name: [sys.executable, str(WHOAMI)] for name in ports}
    commands["leaky"] = [sys.executable, str(Path(echo.__file__)), "127.0.0.1", str(ports["leaky"]), "/services/leaky/"]
    services = [
        {"name": name, "url": f"http://127.0.0.1:{port}", "command": commands[name]} for name, port in ports.items()
    ]
    with Gateway(tmp_path_factory.mktemp("gw"), {"services": services}) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in()
        for name in ("whoami", "other", "leaky"):
            eventually(lambda name=name: client.http.get(f"services/{name}/").status_code == 200, 20, gateway.log)
        yield client


def port(gateway: Gateway, name: str) -> int:
    return int(next(s["url"] for s in gateway.settings["services"] if s["name"] == name).rpartition(":")[2])


def past_the_gate(gateway: Gateway, *tokens: str, name: str = "whoami") -> httpx.Response:
    """A request straight to the service's port, as any process of the machine can send it."""
    headers = [("X-Hubgate-Identity", token) for token in tokens]
    return httpx.get(f"http://127.0.0.1:{port(gateway, name)}/services/{name}/", headers=headers, trust_env=False)


def shown(client: Client, name: str = "leaky") -> str:
    """The token that a service is sent, as one that leaks tells it."""
    told = client.http.get(f"services/{name}/").json()
    return str(dict(told["headers"])["x-hubgate-identity"])


def signing_key(gateway: Gateway) -> tuple[str, str]:
    """The gateway's own key and its id: to make what only the gateway could have made."""
    with closing(sqlite3.connect(gateway.data_dir / "hubgate.sqlite")) as database:
        (pem,) = database.execute("SELECT private_key FROM signing_keys ORDER BY id DESC").fetchone()
    return pem, jwks(gateway)[0]["kid"]


def jwks(gateway: Gateway) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(gateway.url("hub/api/jwks.json"), trust_env=False).json()["keys"]
    return found


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": "x", "sub": "admin", "groups": [], "aud": "service:whoami", "iat": now, "exp": now + 30} | other


def test_a_visitor_is_known(gateway: Gateway, admin: Client) -> None:
    assert admin.http.get("services/whoami/").json() == {"name": "admin", "groups": []}
    value = gateway.run("token", "admin", "-c", "hubgate.toml").stdout.strip()
    by_token = httpx.get(gateway.url("services/whoami/"), headers={"Authorization": f"Bearer {value}"}, trust_env=False)
    assert by_token.json()["name"] == "admin"


def test_a_visitor_says_nothing_for_himself(admin: Client) -> None:
    forged = {"X-Hubgate-Identity": "x", "X_Hubgate_Identity": "x", "Connection": "x-hubgate-identity"}
    assert admin.http.get("services/whoami/", headers=forged).json()["name"] == "admin"


def test_past_the_gateway_nobody_is_anybody(gateway: Gateway, admin: Client) -> None:
    assert past_the_gate(gateway).status_code == 401
    token = shown(admin)
    assert past_the_gate(gateway, token, token).status_code == 401


def test_a_token_for_another_route_is_refused(gateway: Gateway, admin: Client) -> None:
    token = shown(admin)
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "service:leaky"
    for name in ("whoami", "other"):
        answer = past_the_gate(gateway, token, name=name)
        assert answer.status_code == 401
        assert "Audience" in answer.json()["error"]


def test_what_the_gateway_would_sign_is_accepted_and_only_in_its_time(gateway: Gateway, admin: Client) -> None:
    key, key_id = signing_key(gateway)

    def made(**other: Any) -> str:
        return jwt.encode(claims(**other), key, "EdDSA", {"kid": key_id})

    assert past_the_gate(gateway, made()).json() == {"name": "admin", "groups": []}
    for other in ({"exp": int(time.time()) - 1}, {"aud": "service:other"}, {"aud": "server:admin/"}):
        assert past_the_gate(gateway, made(**other)).status_code == 401
    for missing in ("exp", "aud", "sub"):
        token = jwt.encode({k: v for k, v in claims().items() if k != missing}, key, "EdDSA", {"kid": key_id})
        assert past_the_gate(gateway, token).status_code == 401


def test_what_anybody_can_make_is_refused(gateway: Gateway, admin: Client) -> None:
    (public, *_), (_, key_id) = jwks(gateway), signing_key(gateway)
    raw = base64.urlsafe_b64decode(public["x"] + "=")
    forged = [
        jwt.encode(claims(), None, "none", {"kid": key_id}),
        jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA", {"kid": key_id}),
        jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA", {"kid": "unknown"}),
        *(hs256(secret, key_id) for secret in (raw, public["x"].encode(), json.dumps(public).encode())),
        "x",
        "a.b.c",
        "",
    ]
    for token in forged:
        answer = past_the_gate(gateway, token)
        assert answer.status_code == 401, (token, answer.text)


def hs256(secret: bytes, key_id: str) -> str:
    """Signed with something public. (The library refuses to make such a token from a key, so by hand.)"""
    parts = [{"alg": "HS256", "typ": "JWT", "kid": key_id}, claims()]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_a_new_key_is_in_force_at_once_and_the_old_one_still_known(gateway: Gateway, admin: Client) -> None:
    before = shown(admin)
    old = jwt.get_unverified_header(before)["kid"]
    # A token of the old key, for the example: it must be good until it is over.
    key, _ = signing_key(gateway)
    kept = jwt.encode(claims(), key, "EdDSA", {"kid": old})
    assert past_the_gate(gateway, kept).status_code == 200

    rotated = gateway.run("keys", "rotate", "-c", "hubgate.toml")
    assert rotated.returncode == 0, rotated.stderr
    new = rotated.stdout.strip()
    eventually(lambda: jwt.get_unverified_header(shown(admin))["kid"] == new, 5, gateway.log)
    assert [each["kid"] for each in jwks(gateway)] == [new, old]
    # The example asks for keys once in five seconds at most, and has asked for unknown ones before.
    eventually(lambda: admin.http.get("services/whoami/").status_code == 200, 10, gateway.log)
    assert past_the_gate(gateway, kept).status_code == 200


def test_keys_outlive_the_hub(gateway: Gateway, admin: Client) -> None:
    before = jwks(gateway)
    pid = gateway.pid("hub")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: gateway.pid("hub") != pid and gateway.healthy(), 20, gateway.log)
    assert jwks(gateway) == before
    assert admin.http.get("services/whoami/").json()["name"] == "admin"
