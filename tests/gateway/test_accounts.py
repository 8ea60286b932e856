from __future__ import annotations

from gateway.accounts import USER_ORDERS, USER_STATES, Account, UserQuery
from gateway.model import User
from gateway.store.accounts import ORDERS, STATES


def test_the_store_knows_each_state_and_order() -> None:
    assert set(STATES) == set(USER_STATES)
    assert set(ORDERS) == set(USER_ORDERS)


def test_values() -> None:
    assert Account(User("alice")) == Account(User("alice"), (), ())
    assert UserQuery().users is None
