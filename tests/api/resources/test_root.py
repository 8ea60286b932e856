from __future__ import annotations

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from tests.api.person import Person


@pytest.mark.parametrize("path", ["hub/api", "hub/api/"])
async def test_the_version_is_for_everybody(stranger: Person, path: str) -> None:
    result = await stranger.send("GET", path, headers={"Origin": "https://elsewhere.example"})
    assert (result.status_code, result.json) == (200, {"version": "6.1.1"})
    assert result.headers["Access-Control-Allow-Origin"] == "*"


async def test_other_sites_pages_may_ask_first(stranger: Person) -> None:
    result = await stranger.send("OPTIONS", "hub/api/", headers={"Origin": "https://elsewhere.example"})
    assert (result.status_code, result.text) == (200, "")
    assert result.headers["Access-Control-Allow-Origin"] == "*"


async def test_info(root: Person, alice: Person) -> None:
    result = await root.api("GET", "info")
    assert result.status_code == 200
    assert (result.json["version"], result.json["python"]) == ("6.1.1", sys.version)
    assert result.json["authenticator"]["class"] == "plugins.authenticators.native.NativeAuthenticator"
    assert result.json["spawner"]["class"] == "tests.api.scripted.Scripted"
    assert (await alice.api("GET", "info")).status_code == 403


async def test_the_keys_are_public(stranger: Person) -> None:
    result = await stranger.api("GET", "jwks.json")
    assert result.status_code == 200
    (key,) = result.json["keys"]
    assert "d" not in key
    assert isinstance(OKPAlgorithm.from_jwk(key), Ed25519PublicKey)
