"""JupyterHub's own client code, unmodified and in its own environment, against `/hub/api`."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import world
from tests.conformance.call import ALICE
from tests.conformance.jupyterhub import PYTHON, ROOT, needed

if TYPE_CHECKING:
    from tests.conformance.sides import Side

pytestmark = [pytest.mark.sockets, pytest.mark.conformance]

HUB_AUTH = """
import asyncio, json, sys
from jupyterhub.services.auth import HubAuth
auth = HubAuth()
user = auth.user_for_token(sys.argv[1])
users = asyncio.run(auth._api_request("GET", auth.api_url + "/users"))
print(json.dumps([user, users, auth.user_for_token("nobody-has-this-token")]))
"""


def client(side: Side, folder: Path, code: str, *arguments: str) -> Any:
    """What the code prints, run where JupyterHub is installed, as a service with an admin's token."""
    needed()
    script = folder / "client.py"
    script.write_text(code, "utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "JUPYTERHUB_API_URL": f"{side.origin}/hub/api",
        "JUPYTERHUB_API_TOKEN": side.admin_token,
    }
    done = subprocess.run(
        [PYTHON, script, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_hub_auth_knows_whose_a_token_is_and_lists_users(ours: Side, tmp_path: Path) -> None:
    user, users, nobody = client(ours, tmp_path, HUB_AUTH, ours.token(ALICE))
    assert (user["name"], user["kind"], user["admin"]) == ("alice", "user", False)
    assert [each["name"] for each in users] == [world.ADMIN, *world.USERS]
    assert nobody is None


def test_hub_auth_sees_the_same_in_both(ours: Side, theirs: Side, tmp_path: Path) -> None:
    seen = [client(side, tmp_path, HUB_AUTH, side.token(ALICE)) for side in (theirs, ours)]
    keys = [(set(user), set(user["scopes"]), {frozenset(each) for each in users}) for user, users, _ in seen]
    assert keys[0] == keys[1]


def test_the_subclass_that_the_documentation_shows(ours: Side, tmp_path: Path) -> None:
    """`await auth.api_request('GET', '/users')` is in no release; three lines give it."""
    page = (ROOT / "docs/api.md").read_text("utf-8")
    shown = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def api_request" in block]
    assert len(shown) == 1
    lines = shown[0].splitlines()
    # The page shows the call as it stands inside a coroutine.
    definition = "\n".join(line for line in lines if not re.search(r"\bawait auth\.|^auth = ", line))
    call = "import asyncio, json\nauth = {name}()\nprint(json.dumps(asyncio.run(auth.api_request('GET', '/users'))))"
    name = re.search(r"class (\w+)\(", definition)
    assert name
    users = client(ours, tmp_path, f"{definition}\n{call.format(name=name[1])}\n")
    assert world.ADMIN in [user["name"] for user in users]
