from __future__ import annotations

from typing import Any

import pytest

from api.dialect import JUPYTERHUB, OURS
from api.resources.models import Sight, progress_event, server_model, stamp, token_model
from api.urls import Urls
from gateway.accounts import Account
from gateway.model import Progress, Server, Target, Token, User
from gateway.scopes import expand

URLS = Urls("/x/")
ALICE = User("alice", admin=True, groups=("a", "b"), created=1.5, last_activity=2.0)
READY = Server("alice", "", "ready", started=3.0, profile="lab", options={"n": 1}, target=Target("http://h:1", state=7))
IDLE = Server("alice", "gpu")
ENDING = Server("alice", "old", "killing")


def shown(*scopes: str, stopped: bool = False) -> dict[str, Any]:
    account = Account(ALICE, ("reader",), (READY, IDLE, ENDING))
    return Sight(URLS, JUPYTERHUB, expand(scopes), stopped=stopped).user(account)


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("read:users:name!user=alice", {"user_info", "admin"}),
        ("read:users:groups", {"groups"}),
        ("read:users:activity!group=b", {"last_activity"}),
        ("read:roles:users", {"admin", "roles"}),
        (
            "read:users",
            {"user_info", "admin", "roles", "groups", "server", "pending", "created", "last_activity"},
        ),
        ("admin:auth_state", {"auth_state"}),
        ("read:servers", {"servers", "user_info", "admin"}),
        ("read:users!user=bob", set()),
    ],
)
def test_fields_by_scope(scope: str, fields: set[str]) -> None:
    assert shown(scope).keys() == {"kind", "name"} | fields


def test_the_values() -> None:
    model = shown("admin:users", "admin:servers")
    assert model["roles"] == ["admin", "reader", "user"]
    assert model["server"] == "/x/user/alice/"
    assert model["created"] == "1970-01-01T00:00:01.500000Z"
    assert model["last_activity"] == "1970-01-01T00:00:02Z"
    assert model["servers"].keys() == {"", "old"}
    assert model["servers"]["old"]["pending"] == "stop"
    assert model["servers"][""]["state"] == 7
    assert shown("admin:servers", stopped=True)["servers"].keys() == {"", "gpu", "old"}


def test_one_server_of_several() -> None:
    assert shown("read:servers!server=alice/")["servers"].keys() == {""}
    assert shown("read:servers!server=alice/gpu", stopped=True)["servers"].keys() == {"gpu"}


def test_a_server() -> None:
    assert server_model(URLS, JUPYTERHUB, READY, state=False) == {
        "name": "",
        "display_name": "",
        "full_name": "alice/",
        "last_activity": None,
        "started": "1970-01-01T00:00:03Z",
        "pending": None,
        "ready": True,
        "stopped": False,
        "url": "/x/user/alice/",
        "full_url": None,
        "progress_url": "/x/hub/api/users/alice/server/progress",
        "full_progress_url": None,
        "user_options": {"n": 1, "profile": "lab"},
    }
    named = server_model(URLS, JUPYTERHUB, IDLE, state=True)
    assert (named["display_name"], named["stopped"], named["state"]) == ("gpu", True, {})
    assert named["progress_url"] == "/x/hub/api/users/alice/servers/gpu/progress"


def test_no_server_shows_its_secret() -> None:
    hot = Server("alice", "", "ready", secret="s3cret", target=Target("http://h:1", "s3cret", None), start_id="st4rt")
    text = str(server_model(URLS, JUPYTERHUB, hot, state=True))
    assert "s3cret" not in text
    assert "st4rt" not in text


def test_a_token() -> None:
    token = Token("12", "service", "culler", "abc", ("read:users",), "n", 1.0, None, 2.0)
    model = token_model(token)
    assert (model["service"], model["id"], model["expires_at"]) == ("culler", "a12", None)
    assert "user" not in model
    assert "abc" not in str(model)


def test_events() -> None:
    assert progress_event(Progress(30, "m", elapsed=1.23456), JUPYTERHUB) == {"progress": 30, "message": "m"}
    assert progress_event(Progress(30, "m", failed=True), JUPYTERHUB) == {
        "progress": 100,
        "message": "m",
        "failed": True,
    }
    assert progress_event(Progress(30, "m", elapsed=1.23456), OURS) == {
        "elapsed": 1.235,
        "progress": 30,
        "message": "m",
    }
    ready = progress_event(Progress(100, "m", ready=True, url='/user/"><b>/'), JUPYTERHUB)
    assert ready["html_message"] == (
        'Server ready at <a href="/user/&quot;&gt;&lt;b&gt;/">/user/&quot;&gt;&lt;b&gt;/</a>'
    )


def test_times() -> None:
    assert stamp(None) is None
    assert stamp(1700000000) == "2023-11-14T22:13:20Z"


def test_whole_addresses_where_the_settings_have_one() -> None:
    model = server_model(Urls("/x/", "https://hub.example"), JUPYTERHUB, READY, state=False)
    assert model["full_url"] == "https://hub.example/x/user/alice/"
    assert model["full_progress_url"] == "https://hub.example/x/hub/api/users/alice/server/progress"
