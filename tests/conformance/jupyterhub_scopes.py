"""What `jupyterhub.scopes` makes of a case: one JSON document a line in, one a line out.

This file runs in JupyterHub's environment and knows nothing of ours. A case says who
is in which group and has which roles and shares; the answer is what its own functions
give, over its own tables.
"""

import json
import sys
import warnings

import sqlalchemy
from jupyterhub import orm, scopes
from sqlalchemy.orm import Session

warnings.simplefilter("ignore")  # a scope that means nothing for its bearer is one of the cases


class Passing(Session):
    """Keeps nothing: the next case begins with empty tables."""

    def commit(self):
        self.flush()


def population(db, case):
    """The case's users, services, groups and servers, by kind and name."""
    users = {name: orm.User(name=name) for name in case["members"]}
    services = {name: orm.Service(name=name) for name in case["services"]}
    groups = {name: orm.Group(name=name) for name in case["groups"]}
    for name, names in case["members"].items():
        users[name].groups = [groups[group] for group in names]
    servers = {f"{user}/{name}": orm.Spawner(user=users[user], name=name) for user, name in case["servers"]}
    for key, server in servers.items():
        server.oauth_client = orm.OAuthClient(identifier=f"server {key}")
    db.add_all([*users.values(), *services.values(), *groups.values(), *servers.values()])
    return {"user": users, "service": services, "group": groups, "server": servers}


def given(db, case, there):
    """The case's roles and shares."""
    for number, (kind, name, names) in enumerate(case["roles"]):
        role = orm.Role(name=f"role-{number}", scopes=names)
        db.add(role)
        there[kind][name].roles.append(role)
    db.flush()
    for kind, name, server, names in case["shares"]:
        orm.Share.grant(db, there["server"][server], there[kind][name], scopes=names)


def answer(db, case):
    there = population(db, case)
    given(db, case, there)
    db.flush()
    kind, name = case["bearer"]
    bearer = there[kind][name]
    held = frozenset(scopes.get_scopes_for(bearer))
    client = there["server"][case["server"]].oauth_client if case["server"] else None
    asked = scopes.expand_scopes(case["asked"], owner=bearer)
    token = scopes.reduce_scopes(asked | scopes.identify_scopes(bearer))
    kept = scopes._intersect_expanded_scopes(token, held, db=db)
    return {
        "held": sorted(held),
        "of a server": sorted(scopes.expand_scopes(case["asked"], owner=bearer, oauth_client=client)),
        "kept": sorted(kept),
        "allowed": [bool(scopes.has_scope(scope, kept, db=db)) for scope in case["questions"]],
    }


def main():
    custom = json.loads(sys.argv[1])
    scopes.define_custom_scopes(
        {name: {"description": name, "subscopes": subscopes} for name, subscopes in custom.items()}
    )
    engine = sqlalchemy.create_engine("sqlite://")
    orm.Base.metadata.create_all(engine)
    for line in sys.stdin:
        with Passing(engine) as db:
            sys.stdout.write(f"{json.dumps(answer(db, json.loads(line)))}\n")
            sys.stdout.flush()


main()
