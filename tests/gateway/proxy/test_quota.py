from __future__ import annotations

from dataclasses import replace

from gateway.proxy.quota import BURST_SECONDS, Quota
from gateway.settings import LimitSettings
from tests.gateway.proxy.values import ME

CULLER = replace(ME, kind="service", name="culler", credential="token", digest="c")


def test_without_a_limit_there_is_no_quota() -> None:
    assert Quota.of(LimitSettings()) is None
    assert Quota.of(LimitSettings(requests_per_second=1)) is not None


def test_ten_seconds_worth_at_once_then_so_many_a_second() -> None:
    quota = Quota(2)
    assert [quota.refusal(ME, 0) for _ in range(2 * BURST_SECONDS)] == [None] * 2 * BURST_SECONDS
    refused = quota.refusal(ME, 0)
    assert refused and (refused.status, refused.retry_after, refused.reason) == (429, 1, "quota")
    assert "More than 2 requests a second" in refused.message
    assert quota.refusal(ME, 0.5) is None
    assert quota.refusal(ME, 0.5)


def test_a_slow_limit_lets_one_through_at_all() -> None:
    quota = Quota(0.01)
    assert quota.refusal(ME, 0) is None
    refused = quota.refusal(ME, 0)
    assert refused and refused.retry_after == 100


def test_each_credential_counts_by_itself() -> None:
    quota = Quota(0.1)
    other = replace(ME, digest="other")
    assert quota.refusal(ME, 0) is None and quota.refusal(other, 0) is None
    assert quota.refusal(ME, 0) and quota.refusal(other, 0)
    assert quota.refusal(replace(ME, credential="token"), 0) is None


def test_services_are_spared_unless_said_otherwise() -> None:
    spared, limited = (Quota.of(LimitSettings(requests_per_second=0.1, services=too)) for too in (False, True))
    assert spared and limited
    assert [spared.refusal(CULLER, 0), spared.refusal(CULLER, 0)] == [None, None]
    assert limited.refusal(CULLER, 0) is None
    assert limited.refusal(CULLER, 0)
