"""Starts that take long or fail: 202, progress to the end, cancelling, the error."""

from tests.conformance.call import BOB, Call

S = "/users/bob/server"

CALLS = (
    Call("a slow start is told so", "POST", S, {"profile": "slow"}, by=BOB),
    Call("while it starts", "GET", S, by=BOB),
    Call("the user shows it as pending", "GET", "/users/bob", by=BOB),
    Call("started once more", "POST", S, {"profile": "slow"}, by=BOB),
    Call("changed while it starts", "PATCH", S, {"display_name": "Mine"}, by=BOB),
    Call("progress to the end", "GET", S + "/progress", by=BOB),
    Call("it is up", "GET", S, by=BOB),
    Call("it is stopped", "DELETE", S, by=BOB),
    Call("a slow start again", "POST", S, {"profile": "slow"}, by=BOB),
    Call("stopped while it starts", "DELETE", S, by=BOB),
    Call("it is not up", "GET", S, by=BOB),
    Call("progress of what was cancelled", "GET", S + "/progress", by=BOB),
    Call("a start that fails", "POST", S, {"profile": "broken"}, by=BOB),
    Call("progress of what failed", "GET", S + "/progress", by=BOB),
    Call("after a failure", "GET", S, by=BOB),
    Call("the user shows no server", "GET", "/users/bob", by=BOB),
    Call("it starts again", "POST", S, {"profile": "plain"}, by=BOB),
    Call("and is stopped", "DELETE", S, by=BOB),
)
