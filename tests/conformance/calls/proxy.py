"""The proxy's routes, as far as JupyterHub has them."""

from tests.conformance.call import ALICE, NOBODY, Call, scoped

PAGES = {"Accept": "application/jupyterhub-pagination+json"}

CALLS = (
    Call("there is a server: alice's", "POST", "/users/alice/server", {"profile": "plain"}, by=ALICE),
    Call("all", "GET", "/proxy"),
    Call("in pages", "GET", "/proxy?limit=1", headers=PAGES),
    Call("behind the last", "GET", "/proxy?offset=100", headers=PAGES),
    Call("a limit that is no number", "GET", "/proxy?limit=x"),
    Call("with just that scope", "GET", "/proxy", by=scoped("proxy")),
    Call("by alice", "GET", "/proxy", by=ALICE),
    Call("by nobody", "GET", "/proxy", by=NOBODY),
    Call("checked", "POST", "/proxy"),
    Call("checked by alice", "POST", "/proxy", by=ALICE),
    Call("moved without a body", "PATCH", "/proxy"),
    Call("moved with a list", "PATCH", "/proxy", []),
    Call("moved with what is no JSON", "PATCH", "/proxy", b"{"),
    Call("moved nowhere", "PATCH", "/proxy", {}),
    Call("moved by alice", "PATCH", "/proxy", {}, by=ALICE),
    Call("the server is stopped", "DELETE", "/users/alice/server", by=ALICE),
)
