"""What is deprecated and still asked: whose is this token?"""

from tests.conformance.call import ALICE, MONITOR, MONITOR_VALUE, NOBODY, Call

CALLS = (
    Call("whose is this token, for nobody", "GET", f"/authorizations/token/{MONITOR_VALUE}", by=NOBODY),
    Call("whose is this token of a service", "GET", f"/authorizations/token/{MONITOR_VALUE}", by=MONITOR),
    Call("a token for a question", "POST", "/users/alice/tokens", {}, by=ALICE, keep={"id": "id", "value": "token"}),
    Call("whose is this token of a user", "GET", "/authorizations/token/{value}", by=ALICE),
    Call("that token ends", "DELETE", "/users/alice/tokens/{id}", by=ALICE),
    Call("whose was this token", "GET", "/authorizations/token/{value}", by=ALICE),
    Call("whose is an unknown token", "GET", "/authorizations/token/nobody-has-this", by=ALICE),
    Call("tokens are not made here", "POST", "/authorizations/token", {}, by=ALICE),
    Call("tokens are not made here, by name", "POST", "/authorizations/token/alice", {}, by=ALICE),
    Call("whose is an unknown cookie", "GET", "/authorizations/cookie/some-cookie/some-value", by=ALICE),
    Call("whose is a cookie, for nobody", "GET", "/authorizations/cookie/some-cookie/some-value", by=NOBODY),
)
