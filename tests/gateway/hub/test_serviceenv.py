from __future__ import annotations

from gateway.hub.serviceenv import order, variables, with_token
from gateway.settings import ServiceSettings, Settings


def made(**gateway: object) -> Settings:
    return Settings.model_validate({"gateway": {"bind": "0.0.0.0:8123", **gateway}})


def service(**keys: object) -> ServiceSettings:
    return ServiceSettings.model_validate({"name": "culler", "command": ["cull"], **keys})


def test_jupyterhubs_names_with_an_address_on_this_machine() -> None:
    found = variables(made(base_path="/x/"), service())
    assert found["JUPYTERHUB_API_URL"] == "http://127.0.0.1:8123/x/hub/api"
    assert found["JUPYTERHUB_BASE_URL"] == "/x/"
    assert found["JUPYTERHUB_SERVICE_NAME"] == "culler"
    assert found["JUPYTERHUB_SERVICE_PREFIX"] == "/x/services/culler/"
    assert found["JUPYTERHUB_CLIENT_ID"] == "service-culler"
    assert found["JUPYTERHUB_OAUTH_CALLBACK_URL"] == "/x/services/culler/oauth_callback"
    assert found["JUPYTERHUB_OAUTH_ACCESS_SCOPES"] == '["access:services", "access:services!service=culler"]'
    assert not {"JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_PUBLIC_URL", "JUPYTERHUB_USER"} & set(found)


def test_addresses_that_people_type_are_told_where_they_are_known() -> None:
    found = variables(made(public_url="https://hub.example.org"), service(url="http://127.0.0.1:9"))
    assert found["JUPYTERHUB_API_URL"].startswith("http://127.0.0.1:8123/")
    assert found["JUPYTERHUB_PUBLIC_HUB_URL"] == "https://hub.example.org/hub/"
    assert found["JUPYTERHUB_PUBLIC_URL"] == "https://hub.example.org/services/culler/"
    assert found["JUPYTERHUB_SERVICE_URL"] == "http://127.0.0.1:9"


def test_the_token_by_both_names() -> None:
    assert with_token({"A": "1"}, "t") == {"A": "1", "JUPYTERHUB_API_TOKEN": "t", "JPY_API_TOKEN": "t"}


def test_whatever_differs_is_another_order() -> None:
    found = variables(made(), service())
    same = order(service(), found)
    assert order(service(), dict(reversed(found.items()))) == same
    others = [
        service(command=["cull", "-x"]), service(env={"A": "1"}), service(cwd="/"), service(url="http://h:1"),
        service(api_token="0123456789abcdef"),
    ]  # fmt: skip
    assert len({same, *(order(other, found) for other in others)}) == 6
    assert order(service(), variables(made(base_path="/x/"), service())) != same
    assert order(service(info={"a": 1}), found) == same
