from __future__ import annotations

import pytest

from gateway.clients import Client
from gateway.hub.serviceclients import Wanted, checked, of_service, of_settings
from gateway.settings import ServiceSettings


def test_what_follows_from_the_name() -> None:
    assert of_service("/x/", "who", "http://h:1", Wanted()) == Client(
        "service-who", "/x/services/who/oauth_callback", description="Service who", service="who"
    )


def test_what_nobody_visits_is_no_client() -> None:
    assert of_service("/", "culler", "", Wanted(no_confirm=True)) is None


def test_all_of_it_can_be_said() -> None:
    settings = ServiceSettings.model_validate(
        {
            "name": "who",
            "oauth_client_id": "service-other",
            "oauth_redirect_uri": "https://app.example/back?x=1",
            "oauth_client_allowed_scopes": ["access:services!service", "read:users!user"],
            "oauth_no_confirm": True,
        }
    )
    assert of_service("/", "who", "", of_settings(settings)) == Client(
        "service-other",
        "https://app.example/back?x=1",
        scopes=("access:services!service=who", "read:users!user"),
        no_confirm=True,
        description="Service who",
        service="who",
    )


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(client_id="who"),
        Wanted(client_id="jupyterhub-user-alice"),
        Wanted(client_id="service-a b"),
        Wanted(client_id="service-" + "a" * 130),
        Wanted(redirect_uri="//evil.example/x"),
        Wanted(redirect_uri="javascript:alert(1)"),
        Wanted(redirect_uri="https://me@evil.example/"),
        Wanted(redirect_uri="https://h/x#y"),
        Wanted(redirect_uri="/a/../b"),
        Wanted(redirect_uri="/a b"),
        Wanted(redirect_uri="\\x"),
        Wanted(redirect_uri="callback"),
        Wanted(scopes=["no:such"]),
        Wanted(scopes=["read:users!"]),
    ],
)
def test_what_is_refused(wanted: Wanted) -> None:
    with pytest.raises(ValueError, match=r"."):
        checked(wanted)
