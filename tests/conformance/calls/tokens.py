"""Tokens: made, listed, read, revoked; scopes not beyond the owner's."""

from typing import Any

from tests.conformance.call import ADMIN, ALICE, BOB, NOBODY, STRANGER, Call, Caller, scoped

T = "/users/alice/tokens"


def refused(about: str, body: Any, by: Caller = ALICE) -> Call:
    return Call(f"refused: {about}", "POST", T, body, by=by)


CALLS = (
    Call("one is made", "POST", T, {}, by=ALICE, keep={"first": "id"}),
    Call("one is made without a body", "POST", T, by=ALICE, keep={"second": "id"}),
    Call("one with a note", "POST", T, {"note": "for a test"}, by=ALICE, keep={"third": "id"}),
    Call("one that expires", "POST", T, {"expires_in": 3600}, by=ALICE, keep={"fourth": "id"}),
    Call(
        "one that does not",
        "POST",
        T,
        {"expires_in": None, "note": None, "scopes": None},
        by=ALICE,
        keep={"fifth": "id"},
    ),
    Call("one with scopes", "POST", T, {"scopes": ["read:users!user"]}, by=ALICE, keep={"sixth": "id"}),
    Call(
        "one with other scopes",
        "POST",
        T,
        {"scopes": ["access:servers!server=alice/"]},
        by=ALICE,
        keep={"seventh": "id"},
    ),
    Call("one by an admin", "POST", T, {}, keep={"eighth": "id"}),
    Call("one is read", "GET", T + "/{third}", by=ALICE),
    Call("one is read by an admin", "GET", T + "/{first}"),
    Call("two that are never used: one", "POST", "/users/dave/tokens", {"note": "first"}, keep={"dave": "id"}),
    Call("two that are never used: another", "POST", "/users/dave/tokens", {"note": "second"}, keep={"david": "id"}),
    Call("all, in the order of their use", "GET", "/users/dave/tokens"),
    Call("the one ends", "DELETE", "/users/dave/tokens/{dave}"),
    Call("another ends", "DELETE", "/users/dave/tokens/{david}"),
    Call("all, by an admin, of who has none", "GET", "/users/dave/tokens"),
    Call("all, by another", "GET", T, by=BOB),
    Call("all, by nobody", "GET", T, by=NOBODY),
    Call("all of nobody", "GET", "/users/nobody-here/tokens"),
    Call("all of nobody, by alice", "GET", "/users/nobody-here/tokens", by=ALICE),
    Call("all, with just that scope", "GET", "/users/dave/tokens", by=scoped("read:tokens")),
    Call("one, by another", "GET", T + "/{first}", by=BOB),
    Call("one below another user", "GET", "/users/bob/tokens/{first}"),
    Call("one that is not there", "GET", T + "/a999999", by=ALICE),
    Call("an id of another form", "GET", T + "/xyz", by=ALICE),
    Call("an id without its letter", "GET", T + "/7", by=ALICE),
    Call("an empty id", "GET", "/users/dave/tokens/"),
    Call("an empty list for a body", "POST", "/users/dave/tokens", []),
    refused("a list with something", ["x"]),
    refused("a text", "x"),
    refused("no JSON", b"{"),
    refused("a text for expires_in", {"expires_in": "soon"}),
    refused("a float for expires_in", {"expires_in": 1.5}),
    refused("0 for expires_in", {"expires_in": 0}),
    refused("-1 for expires_in", {"expires_in": -1}),
    refused("a text for scopes", {"scopes": "read:users"}),
    refused("numbers for scopes", {"scopes": [1]}),
    refused("an unknown scope", {"scopes": ["read:everything"]}),
    refused("an unknown filter", {"scopes": ["read:users!colour=red"]}),
    refused("more than alice has", {"scopes": ["admin:users"]}),
    refused("more than alice has, by an admin", {"scopes": ["admin:users"]}, ADMIN),
    refused("another's server", {"scopes": ["access:servers!server=bob/"]}),
    refused("a text for roles", {"roles": "token"}),
    refused("an unknown role", {"roles": ["nothing"]}),
    refused("roles and scopes", {"roles": ["token"], "scopes": ["read:users!user"]}),
    refused("by another", {}, BOB),
    refused("by nobody", {}, NOBODY),
    refused("by a stranger", {}, STRANGER),
    refused("by a token that may not", {}, scoped("read:tokens")),
    refused("by a filter for another", {}, scoped("tokens!user=bob")),
    Call("for nobody", "POST", "/users/nobody-here/tokens", {}),
    Call("an unknown key is passed over", "POST", T, {"colour": "red"}, by=ALICE, keep={"ninth": "id"}),
    Call("a password in the body", "POST", T, {"auth": {"username": "alice", "password": "wrong"}}, by=NOBODY),
    Call("revoked by another", "DELETE", T + "/{first}", by=BOB),
    Call("revoked by nobody", "DELETE", T + "/{first}", by=NOBODY),
    Call("revoked by who only reads", "DELETE", T + "/{first}", by=scoped("read:tokens")),
    Call("revoked below another user", "DELETE", "/users/bob/tokens/{first}"),
    Call("revoked", "DELETE", T + "/{first}", by=ALICE),
    Call("revoked twice", "DELETE", T + "/{first}", by=ALICE),
    Call("revoked and read", "GET", T + "/{first}", by=ALICE),
    *(
        Call(f"the {name} is revoked", "DELETE", f"{T}/{{{name}}}")
        for name in ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    ),
)
