"""The record of a request."""

from __future__ import annotations

from gateway.proxy.exchange import HubgateAskHook, RequestIds
from gateway.proxy.gate import Forward
from tests.gateway.proxy.playbook import Talk
from tests.gateway.proxy.values import ME, PEER, head, server


def test_request_ids_never_repeat() -> None:
    one, two = RequestIds(), RequestIds()
    made = [ids() for _ in range(100) for ids in (one, two)]
    assert len(set(made)) == 200
    assert all(each.replace("-", "").isalnum() for each in made)


def test_who_it_is_for() -> None:
    talk = Talk()
    exchange = talk.desk.exchange(talk.client_connection, PEER, head("GET /"))
    assert exchange.identity is None
    exchange.forward = Forward(server(), ME, None, upgrade=False)
    assert exchange.identity == ME


def test_the_hook_has_one_field_and_a_name_of_its_own() -> None:
    assert HubgateAskHook.name == "hubgate_ask"
    assert HubgateAskHook.blocking is True
