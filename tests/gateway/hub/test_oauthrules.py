"""Rules of OAuth that no request shows alone; `tests/api/pages/test_authorize*` asks the rest from outside."""

from __future__ import annotations

from types import SimpleNamespace

from gateway.clients import Client
from gateway.hub.core import Hub
from gateway.hub.oauthrules import Asker, Rules, Terms
from gateway.store.work import Transaction

WHO = Client("service-who", "/back", scopes=("read:users!user", "servers!server=alice/gpu", "inherit"), service="who")


def rules(db: Transaction, hub: Hub, user: str) -> Rules:
    made = Rules(db, Terms(hub._scoping, {"reader": ("read:users:name!user",)}), 1.0, Asker(user, "1"))
    made.required = frozenset({WHO.access})
    return made


async def test_what_the_user_holds_of_a_wish(hub: Hub) -> None:
    def granted(db: Transaction, *scopes: str) -> frozenset[str]:
        return rules(db, hub, "alice").granted(scopes)

    assert await hub.store(granted, "read:users!user") == {"read:users!user"}
    assert await hub.store(granted, "read:users") == {
        "read:users!user=alice",
        "read:users:name!user=alice",
        "read:users:groups!user=alice",
        "read:users:activity!user=alice",
    }
    assert await hub.store(granted, "admin:users", "inherit") >= {"inherit"}
    assert "admin:users" not in await hub.store(granted, "admin:users")
    assert await hub.store(granted, "access:services!service=who") == frozenset()


async def test_what_a_client_may_ask_for(hub: Hub) -> None:
    def judged(db: Transaction, *scopes: str) -> list[str] | None:
        request = SimpleNamespace(scopes=None)
        return request.scopes if rules(db, hub, "alice").validate_scopes(WHO.id, [*scopes], WHO, request) else None

    assert await hub.store(judged, "identify") == [WHO.access]
    assert await hub.store(judged, "read:users:name!user") == [WHO.access, "read:users:name!user"]
    assert await hub.store(judged, "reader") == [WHO.access, "read:users:name!user"]
    assert await hub.store(judged, "servers!server=alice/gpu") == [WHO.access, "servers!server=alice/gpu"]
    assert await hub.store(judged, "inherit") == [WHO.access, "inherit"]
    for excess in ("read:users", "servers!user", "servers!server=alice/", "tokens!user", "nonsense"):
        assert await hub.store(judged, excess) is None, excess
