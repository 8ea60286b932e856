"""Who calls: tokens in both spellings, cookies with and without `_xsrf`, nobody, the wrong."""

from tests.conformance.call import ALICE, MONITOR, MONITOR_VALUE, NOBODY, STRANGER, Browser, Call, Raw, scoped

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
CORS = {"Sec-Fetch-Mode": "cors"}

CALLS = (
    Call("me, by token", "GET", "/user", by=ALICE),
    Call("me, as an admin", "GET", "/user"),
    Call("me, as a service", "GET", "/user", by=MONITOR),
    Call("me, by a Bearer", "GET", "/user", by=Raw(f"Bearer {MONITOR_VALUE}")),
    Call("me, by a scheme in capitals", "GET", "/user", by=Raw(f"TOKEN {MONITOR_VALUE}")),
    Call("me, with a narrow token", "GET", "/user", by=scoped("read:users:activity!user", user="alice")),
    Call("me, with access alone", "GET", "/user", by=scoped("access:servers!server=alice/", user="alice")),
    Call("me, by cookie", "GET", "/user", by=Browser("alice")),
    Call("me, by cookie, as a script", "GET", "/user", by=Browser("alice"), headers=CORS),
    Call("nobody", "GET", "/user", by=NOBODY),
    Call("an unknown token", "GET", "/user", by=STRANGER),
    Call("an empty token", "GET", "/user", by=Raw("token")),
    Call("a token of 65 characters", "GET", "/user", by=Raw("token " + "a" * 65)),
    Call("a token of 64 characters that nobody has", "GET", "/user", by=Raw("token " + "a" * 64)),
    Call("a token of a megabyte of nothing", "GET", "/user", by=Raw("token " + "a" * 5000)),
    Call("Basic is never taken", "GET", "/user", by=Raw("Basic YWxpY2U6cHc=")),
    Call("a list for nobody", "GET", "/users", by=NOBODY),
    Call("a list for a stranger", "GET", "/users", by=STRANGER),
    Call("one user for nobody", "GET", "/users/alice", by=NOBODY),
    Call("one unknown user for nobody", "GET", "/users/nobody-here", by=NOBODY),
    Call("a user is made by nobody", "POST", "/users/made", {}, by=NOBODY),
    Call("a user is deleted by nobody", "DELETE", "/users/alice", by=NOBODY),
    Call("a cookie alone reads where no script asks", "GET", "/users/alice", by=Browser("alice", "none")),
    Call("a script needs _xsrf to read", "GET", "/users/alice", by=Browser("alice", "none"), headers=CORS),
    Call("a script with the wrong _xsrf", "GET", "/users/alice", by=Browser("alice", "wrong"), headers=CORS),
    Call("a script with the right _xsrf", "GET", "/users/alice", by=Browser("alice"), headers=CORS),
    Call("a cookie alone changes nothing", "DELETE", "/users/alice/server", by=Browser("alice", "none")),
    Call("the wrong _xsrf changes nothing", "DELETE", "/users/alice/server", by=Browser("alice", "wrong")),
    Call("the right _xsrf", "DELETE", "/users/alice/server", by=Browser("alice")),
    Call("a POST by cookie", "POST", "/users/alice/tokens", {}, by=Browser("alice"), headers=JSON, keep={"made": "id"}),
    Call(
        "a POST by cookie without _xsrf", "POST", "/users/alice/tokens", {}, by=Browser("alice", "none"), headers=JSON
    ),
    Call("the token made by cookie", "DELETE", "/users/alice/tokens/{made}", by=Browser("alice")),
    Call("a form by cookie is not believed", "POST", "/users/bob", b"a=b", by=Browser("admin"), headers=FORM),
    Call("a form by token is read as JSON", "POST", "/users/alice/tokens", b"a=b", by=ALICE, headers=FORM),
    Call("a cookie's scopes are the user's", "GET", "/users", by=Browser("alice")),
    Call("an admin's cookie lists", "GET", "/users", by=Browser("admin")),
)
