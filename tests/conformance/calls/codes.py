"""Share codes: made, listed, deleted by id, by value, all."""

from tests.conformance.call import ALICE, NOBODY, Call, scoped

C = "/share-codes/alice/"
NARROW = scoped("shares!server=alice/")

CALLS = (
    Call("there is a server: alice's", "POST", "/users/alice/server", {"profile": "plain"}, by=ALICE),
    Call("none", "GET", C),
    Call("one", "POST", C, {}, keep={"first": "id", "value": "code"}),
    Call("one without a body", "POST", C, keep={"second": "id", "other": "code"}),
    Call("one for an hour", "POST", C, {"expires_in": 3600}, keep={"third": "id", "another": "code"}),
    Call("one with scopes", "POST", C, {"scopes": ["access:servers"]}, keep={"fourth": "id", "last": "code"}),
    Call("all of the server", "GET", C),
    Call("all of alice's", "GET", "/share-codes/alice"),
    Call("a page", "GET", "/share-codes/alice?limit=1&offset=1"),
    Call("59 seconds", "POST", C, {"expires_in": 59}),
    Call("more than a year", "POST", C, {"expires_in": 31536001}),
    Call("a text for seconds", "POST", C, {"expires_in": "soon"}),
    Call("an unknown key", "POST", C, {"colour": "red"}),
    Call("an unknown scope", "POST", C, {"scopes": ["read:everything"]}),
    Call("another's server", "POST", C, {"scopes": ["access:servers!server=bob/"]}),
    Call("what is no JSON", "POST", C, b"{"),
    Call("of an unknown server", "POST", "/share-codes/alice/none", {}),
    Call("of an unknown user", "POST", "/share-codes/nobody-here/", {}),
    Call("of an unknown user, listed", "GET", "/share-codes/nobody-here"),
    Call("of a user, without the slash", "POST", "/share-codes/alice", {}),
    Call("by alice, who may not", "POST", C, {}, by=ALICE),
    Call("by nobody", "POST", C, {}, by=NOBODY),
    Call("by a narrow token", "POST", C, {}, by=NARROW, keep={"fifth": "id", "narrow": "code"}),
    Call("by a narrow token, more than it has", "POST", C, {"scopes": ["admin:servers"]}, by=NARROW),
    Call("listed by alice", "GET", C, by=ALICE),
    Call("deleted by id", "DELETE", C + "?id={first}"),
    Call("deleted by id twice", "DELETE", C + "?id={first}"),
    Call("deleted by its value", "DELETE", C + "?code={other}"),
    Call("deleted by a value that is none", "DELETE", C + "?code=nothing"),
    Call("deleted by an id of another form", "DELETE", C + "?id=seven"),
    Call("deleted by alice", "DELETE", C, by=ALICE),
    Call("deleted without the slash", "DELETE", "/share-codes/alice"),
    Call("deleted of an unknown server", "DELETE", "/share-codes/alice/none"),
    Call("all deleted", "DELETE", C),
    Call("all deleted twice", "DELETE", C),
    Call("at the end there is none", "GET", "/share-codes/alice"),
    Call("the server is stopped", "DELETE", "/users/alice/server", by=ALICE),
)
