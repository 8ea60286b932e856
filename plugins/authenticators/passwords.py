"""How a password is kept: bcrypt of base64(SHA-256(password)). Slow on purpose.

bcrypt stops at 72 bytes and at NUL; hashing first lets every byte count, and
base64 leaves no NUL. Call these off the event loop.
"""

from __future__ import annotations

import base64
import hashlib
import logging

import bcrypt

from plugins.authenticators.forms import in_bytes

logger = logging.getLogger(__name__)


def hashed(password: str, rounds: int) -> str:
    """What is kept of `password`."""
    return bcrypt.hashpw(_prepared(password), bcrypt.gensalt(rounds)).decode("ascii")


def matches(password: str, kept: str) -> bool:
    """Is `kept` the hash of `password`? Constant time but for the cost that `kept` names."""
    try:
        return bcrypt.checkpw(_prepared(password), kept.encode("utf-8"))
    except ValueError:
        logger.error("a kept password is not a bcrypt hash: it matches nothing until it is set again")
        return False


def decoy(rounds: int) -> str:
    """A hash that no password has, and that takes as long to compare as a real one."""
    return (bcrypt.gensalt(rounds) + b"." * 31).decode("ascii")


def _prepared(password: str) -> bytes:
    return base64.b64encode(hashlib.sha256(in_bytes(password)).digest())
