"""Scopes on generated cases: what Hubgate and `jupyterhub.scopes` itself make of the same groups, roles and shares."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.hub.credentials import Found
from gateway.hub.entry import Entry
from gateway.hub.scoping import Scoping
from gateway.model import Grant, Service, User
from gateway.scopes import FILTERS, JUPYTERHUB, OWN, ROLES, allows, expand
from gateway.settings import AuthenticatorSettings
from tests.conformance.jupyterhub import PYTHON, needed

pytestmark = pytest.mark.conformance

CUSTOM = {
    "custom:grades:*": ("custom:grades:read", "custom:grades:write"),
    "custom:grades:write": ("custom:grades:read",),
    "custom:grades:read": (),
}
TABLE = {**JUPYTERHUB, **CUSTOM}
ADMIN = tuple(scope for scope in ROLES["admin"] if scope in JUPYTERHUB)
SCOPING = Scoping(Entry(AuthenticatorSettings()), TABLE, {"admin": ADMIN})

USERS, SERVICES, GROUPS = ("alice", "bob", "x=y"), ("bot", "alice"), ("students", "staff", "a!b=c/d")
SERVERS = tuple((user, server) for user in USERS for server in ("", "gpu"))
VALUES = {"user": USERS, "service": SERVICES, "group": GROUPS, "server": tuple("/".join(each) for each in SERVERS)}
OFTEN = ("admin:servers", "servers", "read:servers", "access:servers", "users", "read:users:name", "custom:grades:*")
"""So often that what is held and what is asked for meet."""

ANYTHING = (("", ""), *((kind, value) for kind in FILTERS for value in VALUES[kind]))
QUESTIONS = [(name, kind, value) for name in OFTEN for kind, value in ANYTHING]
"""What a token may: a scope's name and the filter that it is asked with."""


@dataclass(frozen=True)
class Case:
    bearer: tuple[str, str]
    """Kind and name."""
    admin: bool
    server: str
    """The one that the bearer's token is of, or ""."""
    members: dict[str, list[str]]
    """The groups of each user."""
    roles: list[tuple[str, str, list[str]]]
    """To whom (kind and name) which scopes are given by a role."""
    shares: list[tuple[str, str, str, list[str]]]
    """With whom (kind and name) which server is shared, and with what scopes."""
    asked: list[str]
    """The scopes of the bearer's token."""

    def told(self) -> str:
        """The case as JupyterHub's side reads it."""
        kind, name = self.bearer
        default = ["self"] * (kind == "user") + [*ADMIN] * self.admin
        return json.dumps(
            {
                **asdict(self),
                "groups": GROUPS,
                "services": SERVICES,
                "servers": SERVERS,
                "roles": [(kind, name, default), *self.roles],
                "questions": [f"{name}!{kind}={value}" if kind else name for name, kind, value in QUESTIONS],
            }
        )

    def found(self) -> Found:
        kind, name = self.bearer
        mine = {self.bearer, *(("group", group) for group in (self.members[name] if kind == "user" else ()))}
        return Found(
            1,
            User(name, admin=self.admin) if kind == "user" else Service(name, admin=self.admin),
            role_scopes=tuple(scope for *whom, scopes in self.roles if tuple(whom) in mine for scope in scopes),
            granted=tuple(_grant(server, scopes) for *whom, server, scopes in self.shares if tuple(whom) in mine),
            groups={user: tuple(groups) for user, groups in self.members.items()},
        )


def _grant(server: str, scopes: list[str]) -> Grant:
    owner, _, name = server.partition("/")
    return Grant(owner, name, tuple(f"{scope}!server={server}" for scope in scopes))


names = st.one_of(st.sampled_from(OFTEN), st.sampled_from(sorted(TABLE)))
filters = st.one_of(
    st.just(""),
    st.sampled_from([f"!{kind}" for kind in OWN]),
    st.sampled_from([f"!{kind}={value}" for kind in FILTERS for value in VALUES[kind]]),
)
# "inherit" is no scope to be intersected: a token that has it is its owner.
scopes = st.tuples(names.filter(lambda name: name != "inherit"), filters).map("".join)
sets = st.lists(scopes, max_size=8)


def whom(*kinds: str) -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([(kind, name) for kind in kinds for name in VALUES[kind]])


cases = st.builds(
    Case,
    bearer=whom("user", "service"),
    admin=st.booleans(),
    server=st.sampled_from(["", *VALUES["server"]]),
    members=st.fixed_dictionaries({user: st.lists(st.sampled_from(GROUPS), unique=True) for user in USERS}),
    roles=st.lists(st.builds(lambda whom, scopes: (*whom, scopes), whom("user", "service", "group"), sets), max_size=4),
    shares=st.lists(
        st.builds(
            lambda whom, server, scopes: (*whom, server, scopes),
            whom("user", "group"),
            st.sampled_from(VALUES["server"]),
            st.lists(names, min_size=1, max_size=3),
        ),
        max_size=3,
    ),
    asked=sets,
)


@pytest.fixture(scope="module")
def original() -> Iterator[Callable[[Case], Any]]:
    """JupyterHub's own answer to a case, by one process for all of them."""
    needed()
    program = Path(__file__).with_name("jupyterhub_scopes.py")
    # -P: its folder, which has a `jupyterhub.py` too, is no place to import from.
    command = [str(PYTHON), "-P", str(program), json.dumps(CUSTOM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        talk, listen = process.stdin, process.stdout

        def answer(case: Case) -> Any:
            talk.write(f"{case.told()}\n")
            talk.flush()
            line = listen.readline()
            assert line, "JupyterHub's side ended: what it said is above"
            return json.loads(line)

        yield answer
        talk.close()


def hubgate(case: Case) -> Any:
    """Hubgate's answer to the same."""
    kind, name = case.bearer
    found = case.found()
    held = SCOPING.held(found)
    kept = SCOPING.of_token(tuple(case.asked), found, held)
    own = {"service": name} if kind == "service" else {"user": name}
    return {
        "held": sorted(held),
        "of a server": sorted(expand(case.asked, **own, server=case.server, table=TABLE)),
        "kept": sorted(kept),
        "allowed": [may(kept, *question, members=case.members) for question in QUESTIONS],
    }


def may(scopes: frozenset[str], name: str, kind: str, value: str, *, members: dict[str, list[str]]) -> bool:
    match kind:
        case "user":
            return allows(scopes, name, user=value, groups=members[value])
        case "server":
            owner, _, server = value.partition("/")
            return allows(scopes, name, user=owner, server=server, groups=members[owner])
        case "service":
            return allows(scopes, name, service=value)
        case "group":
            return allows(scopes, name, groups=[value])
    return allows(scopes, name)


# Each case is a database of its own over there: the deep profile's number would take a quarter of an hour.
@settings(max_examples=min(settings().max_examples, 1000))
@given(cases)
def test_the_same_rules_as_the_original(original: Callable[[Case], Any], case: Case) -> None:
    """What a bearer holds, what its token asks for and keeps, and what that allows: scope for scope the same."""
    assert hubgate(case) == original(case)
