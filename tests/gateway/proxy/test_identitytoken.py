"""The signed word for who somebody is: what it says, how long it holds, and that it is not made twice."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.errors import ChannelError
from gateway.proxy import identitytoken
from gateway.proxy.identitytoken import Signer
from tests.gateway.proxy.values import ALICE, BOB, NOW, server, user

KEY = Ed25519PrivateKey.generate()
ISSUER = "http://hub.example.org/"


def pem(key: Any) -> str:
    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text.decode()


@pytest.fixture
def signer() -> Signer:
    return Signer(pem(KEY), "key-1", ISSUER)


def claims(token: str, audience: str = "server:alice/") -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        token, KEY.public_key(), ["EdDSA"], audience=audience, options={"verify_exp": False, "verify_iat": False}
    )
    return found


def test_what_it_says(signer: Signer) -> None:
    token = signer.token(user("alice", groups=("students",)), server("alice"), NOW + 0.5)
    assert claims(token) == {
        "iss": ISSUER,
        "sub": "alice",
        "groups": ["students"],
        "aud": "server:alice/",
        "iat": int(NOW),
        "exp": int(NOW) + 60,
    }
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": "key-1"}


def test_it_is_good_for_one_route_only(signer: Signer) -> None:
    token = signer.token(user("alice"), server("alice"), NOW)
    with pytest.raises(jwt.InvalidAudienceError):
        claims(token, "server:bob/")
    assert claims(signer.token(user("alice"), server("bob"), NOW), "server:bob/")["sub"] == "alice"


def test_nobody_else_can_sign(signer: Signer) -> None:
    token = signer.token(user("alice"), server("alice"), NOW)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, Ed25519PrivateKey.generate().public_key(), ["EdDSA"], audience="server:alice/")


def test_a_service_cannot_be_taken_for_a_user(signer: Signer) -> None:
    token = signer.token(user("alice", kind="service"), server("alice"), NOW)
    assert claims(token)["sub"] == "services/alice"


@pytest.mark.parametrize(
    ("later", "same"), [(0, True), (29, True), (30, True), (31, False), (61, False), (-1, False), (-100, False)]
)
def test_it_is_made_again_when_half_a_minute_is_left(signer: Signer, later: float, same: bool) -> None:
    first = signer.token(user("alice"), server("alice"), NOW)
    again = signer.token(user("alice"), server("alice"), NOW + later)
    assert (first == again) is same
    assert 30 <= claims(again)["exp"] - (NOW + later) <= 60


def test_a_changed_identity_gets_another(signer: Signer) -> None:
    first = signer.token(user("alice", groups=("students",)), server("alice"), NOW)
    second = signer.token(user("alice", groups=(), revision=2), server("alice"), NOW)
    assert (claims(first)["groups"], claims(second)["groups"]) == (["students"], [])
    assert claims(signer.token(user("bob", BOB), server("alice"), NOW))["sub"] == "bob"
    assert claims(signer.token(user("alice", ALICE, revision=3), server("alice"), NOW))["sub"] == "alice"


def test_memory_is_bounded(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identitytoken, "CACHED", 3)
    first = signer.token(user("alice"), server("alice"), NOW)
    for number in range(2):
        signer.token(user("bob", BOB), server(f"u{number}"), NOW)
    assert signer.token(user("alice"), server("alice"), NOW + 1) == first
    signer.token(user("bob", BOB), server("u2"), NOW)
    assert signer.token(user("alice"), server("alice"), NOW + 2) == first
    for number in range(3, 6):
        signer.token(user("bob", BOB), server(f"u{number}"), NOW)
    assert signer.token(user("alice"), server("alice"), NOW + 3) != first


@pytest.mark.parametrize("key", ["", "nonsense", pem(generate_private_key(SECP256R1()))], ids=["none", "text", "ec"])
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(ChannelError, match="signing key"):
        Signer(key, "key-1", ISSUER)
