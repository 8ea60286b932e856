"""The hub's keys: the same after a restart, and public only in their public half."""

from __future__ import annotations

import json

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.hub.core import Hub
from gateway.hub.keys import Keys, new_signing_key
from gateway.settings import Settings
from tests.gateway.hub.world import World, a_hub


async def test_they_outlive_the_hub(world: World, chosen: Settings) -> None:
    found = []
    for _ in range(2):
        async with a_hub(world, chosen, start=False) as hub:
            found.append((hub.keys.signing_key, hub.keys.signing_key_id, hub.keys.xsrf))
    assert found[0] == found[1]
    assert len(found[0][2]) == 32


async def test_what_is_signed_verifies_with_the_public_key_set(hub: Hub) -> None:
    token = jwt.encode({"sub": "alice"}, hub.keys.signing_key, "EdDSA", {"kid": hub.keys.signing_key_id})
    keys = jwt.PyJWKSet.from_dict(json.loads(json.dumps(hub.keys.jwks())))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert isinstance(key.key, Ed25519PublicKey)
    assert jwt.decode(token, key, ["EdDSA"]) == {"sub": "alice"}


async def test_the_key_set_holds_nothing_private(hub: Hub) -> None:
    (key,) = hub.keys.jwks()["keys"]
    assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}


async def test_the_first_signs_and_all_are_published() -> None:
    new, old = new_signing_key(), new_signing_key()
    keys = Keys([old], b"")
    first = keys.signing_key_id
    keys.sign_with([new, old])
    assert keys.signing_key == new
    assert [key["kid"] for key in keys.jwks()["keys"]] == [keys.signing_key_id, first]
