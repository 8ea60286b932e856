from __future__ import annotations

import pytest

from gateway.model import Profile
from plugins.spawners import environment


def test_only_what_is_listed_passes() -> None:
    gateway = {
        "PATH": "/bin", "LC_ALL": "C", "LC_TIME": "C", "TZ": "UTC", "HOME": "/h",
        "HUBGATE_ADMIN_PASSWORD": "s", "PYTHONPATH": "/x", "PYTHONSTARTUP": "/x", "DATABASE_URL": "s",
        "AWS_SECRET_ACCESS_KEY": "s", "LD_PRELOAD": "/x", "VIRTUAL_ENV": "/x", "LCX": "1", "JUPYTER_TOKEN": "s",
    }  # fmt: skip
    assert set(environment.passed(gateway)) == {"PATH", "LC_ALL", "LC_TIME", "TZ", "HOME"}


def test_the_gateways_programs_come_first_and_no_folder_twice() -> None:
    assert environment.search_path(("/venv/bin", "/venv/bin"), "/usr/bin::/venv/bin:/bin") == "/venv/bin:/usr/bin:/bin"


def test_a_profile_cannot_set_what_is_ours() -> None:
    profile = Profile("p", "P", ("x",), env={"A": "{x}", "SERVER_START_ID": "1", "SERVER_PORT": "1", "HUBGATE_X": "1"})
    assert environment.of_profile(profile, lambda text: text.replace("{x}", "filled")) == {"A": "filled"}


@pytest.mark.parametrize(
    ("key", "value", "auth", "words"),
    [
        ("HUBGATE_X", "1", "none", "kept from servers"),
        ("SERVER_PORT", "1", "none", "set by the gateway"),
        ("JUPYTER_TOKEN", "1", "token", "a secret of its own"),
        ("", "1", "none", "can hold"),
        ("A=B", "1", "none", "can hold"),
        ("A", "\0", "none", "can hold"),
    ],
)
def test_unfit_keys_are_mistakes(key: str, value: str, auth: str, words: str) -> None:
    profile = Profile("p", "P", ("x",), env={"FINE": "1", key: value}, auth="token" if auth == "token" else "none")
    (line,) = environment.mistakes(profile)
    assert words in line
    assert "\0" not in line


def test_a_token_of_the_profiles_own_is_fine_without_auth() -> None:
    assert environment.mistakes(Profile("p", "P", ("x",), env={"JUPYTER_TOKEN": "1"}, auth="none")) == []
