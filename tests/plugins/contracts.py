"""The contracts of `gateway.testing`, by the names that our own plugins' tests use."""

from __future__ import annotations

from gateway.testing.authenticators import HOSTILE_FORMS, REQUEST, authenticator_contract
from gateway.testing.fakes import KeptInMemory
from gateway.testing.shares import ASKED, HOSTILE_CODES, SHARED, share_handler_contract
from gateway.testing.spawners import HOSTILE_VALUES, spawner_contract

__all__ = [
    "ASKED",
    "HOSTILE_CODES",
    "HOSTILE_FORMS",
    "HOSTILE_VALUES",
    "REQUEST",
    "SHARED",
    "KeptInMemory",
    "authenticator_contract",
    "share_handler_contract",
    "spawner_contract",
]
