"""Profiles: who may start what, and what a spawner gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import BadInput
from gateway.hub.profiles import chosen, launch, of_record, offered
from gateway.model import Profile, Server, User

LAB = Profile("lab", "Lab", ("jupyter",))
GPU = Profile("gpu", "GPU", ("jupyter",), groups=("staff", "physics"))
RSTUDIO = Profile("rstudio", "RStudio", ("rstudio",), groups=("students",))
ALL = (GPU, LAB, RSTUDIO)

ALICE = User("alice")
PHYSICIST = User("bob", groups=("physics", "x"))


def test_groups_decide() -> None:
    assert offered(ALL, ALICE) == [LAB]
    assert offered(ALL, PHYSICIST) == [GPU, LAB]
    assert offered(ALL, User("root", admin=True)) == [LAB]


def test_the_first_one_offered_is_the_default() -> None:
    assert chosen(ALL, ALICE, "") is LAB
    assert chosen(ALL, PHYSICIST, "") is GPU


def test_the_last_one_is_taken_again_while_it_is_offered() -> None:
    assert chosen(ALL, PHYSICIST, "", before="lab") is LAB
    assert chosen(ALL, ALICE, "", before="gpu") is LAB
    assert chosen(ALL, ALICE, "", before="gone") is LAB


@pytest.mark.parametrize("name", ["gpu", "nonsense", "LAB"])
def test_one_that_is_not_offered_is_refused_as_if_it_did_not_exist(name: str) -> None:
    with pytest.raises(BadInput, match=f"there is no profile '{name}'; there are: lab"):
        chosen(ALL, ALICE, name)


def test_nothing_to_start() -> None:
    with pytest.raises(BadInput, match="no profile that you may start"):
        chosen((GPU,), ALICE, "gpu")


def test_the_profile_of_a_record_or_one_that_keeps_its_server_alive() -> None:
    assert of_record(ALL, Server("alice", "", profile="gpu")) is GPU
    assert of_record(ALL, Server("alice", "", profile="gone", secret="s")).auth == "token"
    assert of_record(ALL, Server("alice", "", profile="gone")).auth == "none"


def test_the_launch(tmp_path: Path) -> None:
    found = launch(Server("x y", "gpu"), GPU, "/b/", tmp_path / "log")
    assert (found.base_url, found.log_file) == ("/b/user/x%20y/gpu/", str(tmp_path / "log"))
