"""`X-Hubgate-Identity`: a signed word of who stands behind a request."""
from __future__ import annotations
from gateway.model import Identity
from gateway.routes import Route

class Signer:
    def __init__(self, private_key: str, key_id: str, issuer: str) -> None: ...
    def token(self, identity: Identity, route: Route, now: float) -> str: ...
