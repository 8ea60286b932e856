"""The hub itself: version, information, unknown paths and methods. Shutting down is refused only."""

from tests.conformance.call import ALICE, NOBODY, Call, scoped

CALLS = (
    Call("the version is for everybody", "GET", "", by=NOBODY),
    Call("the version, with a slash", "GET", "/", by=NOBODY),
    Call("the version, whoever asks", "GET", "/", by=ALICE),
    Call("information", "GET", "/info"),
    Call("information needs a scope", "GET", "/info", by=ALICE),
    Call("information with just that scope", "GET", "/info", by=scoped("read:hub")),
    Call("information is for nobody unknown", "GET", "/info", by=NOBODY),
    Call("OPTIONS is open", "OPTIONS", "/users", by=NOBODY),
    Call("OPTIONS of one user", "OPTIONS", "/users/alice", by=NOBODY),
    Call("OPTIONS of the version", "OPTIONS", "/", by=NOBODY),
    Call("a method that is not there", "PUT", "/users"),
    Call("a method that is not there, for one", "PUT", "/users/alice"),
    Call("DELETE of the list", "DELETE", "/users"),
    Call("POST to information", "POST", "/info"),
    Call("an unknown path", "GET", "/nothing/here"),
    Call("an unknown path, anonymously", "GET", "/nothing/here", by=NOBODY),
    Call("an unknown noun below a user", "GET", "/users/alice/nothing"),
    Call("shutdown needs a scope", "POST", "/shutdown", {}, by=ALICE),
    Call("shutdown is for nobody unknown", "POST", "/shutdown", {}, by=NOBODY),
    Call("shutdown with a number for servers", "POST", "/shutdown", {"servers": 7}),
    Call("shutdown with a text for proxy", "POST", "/shutdown", {"proxy": "yes"}),
    Call("shutdown with what is no JSON", "POST", "/shutdown", b"{"),
    Call("GET of shutdown", "GET", "/shutdown"),
)
