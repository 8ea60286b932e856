from __future__ import annotations

import json
from dataclasses import replace

from gateway.clients import Client, server_client
from gateway.hub.serverenv import variables
from gateway.model import Launch, Profile, Server
from gateway.settings import Settings

CLIENT = Client(
    server_client("a b", "gpu"), "/x/user/a%20b/gpu/oauth_callback", scopes=("s",), user="a b", server="gpu"
)
LAUNCH = Launch(Server("a b", "gpu"), Profile("p", "P", ("x",), auth="jupyterhub"), "/x/user/a%20b/gpu/", "/log")


def made(**gateway: object) -> Settings:
    return Settings.model_validate({"gateway": {"bind": "0.0.0.0:8123", "base_path": "/x/", **gateway}})


def test_jupyterhubs_names() -> None:
    found = variables(made(), LAUNCH, CLIENT, "t")
    access = found.pop("JUPYTERHUB_OAUTH_ACCESS_SCOPES")
    assert found.pop("JUPYTERHUB_OAUTH_SCOPES") == access
    assert json.loads(access) == ["access:servers!server=a b/gpu", "access:servers!user=a b"]
    assert json.loads(found.pop("JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES")) == ["s"]
    assert found == {
        "JUPYTERHUB_API_TOKEN": "t",
        "JPY_API_TOKEN": "t",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-a%20b-gpu",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/x/user/a%20b/gpu/oauth_callback",
        "JUPYTERHUB_USER": "a b",
        "JUPYTERHUB_SERVER_NAME": "gpu",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:8123/x/hub/api",
        "JUPYTERHUB_ACTIVITY_URL": "http://127.0.0.1:8123/x/hub/api/users/a%20b/activity",
        "JUPYTERHUB_BASE_URL": "/x/",
        "JUPYTERHUB_SERVICE_PREFIX": "/x/user/a%20b/gpu/",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
    }


def test_what_is_only_sometimes_known() -> None:
    limited = replace(LAUNCH, profile=replace(LAUNCH.profile, memory=2**30))
    found = variables(made(public_url="https://hub.example"), limited, CLIENT, "t")
    assert found["JUPYTERHUB_PUBLIC_URL"] == "https://hub.example/x/user/a%20b/gpu/"
    assert found["JUPYTERHUB_PUBLIC_HUB_URL"] == "https://hub.example/x/hub/"
    assert found["MEM_LIMIT"] == str(2**30)
