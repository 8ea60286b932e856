"""Activity that servers and services report."""

from datetime import UTC, datetime, timedelta

from tests.conformance.call import ALICE, BOB, NOBODY, Call, scoped

A = "/users/alice/activity"
THEN = (datetime.now(UTC) - timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
SOON = (datetime.now(UTC) + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
LATE = "2099-01-01T00:00:00Z"

CALLS = (
    Call("there is a server: alice's", "POST", "/users/alice/server", {"profile": "plain"}, by=ALICE),
    Call("a time", "POST", A, {"last_activity": SOON}, by=ALICE),
    Call("an old time changes nothing", "POST", A, {"last_activity": THEN}, by=ALICE),
    Call("a time with a zone", "POST", A, {"last_activity": "2020-01-01T00:00:00+02:00"}, by=ALICE),
    Call("a time without a zone", "POST", A, {"last_activity": "2020-01-01T00:00:00"}, by=ALICE),
    Call("a server's time", "POST", A, {"servers": {"": {"last_activity": SOON}}}, by=ALICE),
    Call("both", "POST", A, {"last_activity": SOON, "servers": {"": {"last_activity": SOON}}}, by=ALICE),
    Call("by an admin", "POST", A, {"last_activity": SOON}),
    Call("with just that scope", "POST", A, {"last_activity": SOON}, by=scoped("users:activity!user", user="alice")),
    Call("by another", "POST", A, {"last_activity": SOON}, by=BOB),
    Call("by nobody", "POST", A, {"last_activity": SOON}, by=NOBODY),
    Call("by who only reads", "POST", A, {"last_activity": SOON}, by=scoped("read:users")),
    Call("of nobody", "POST", "/users/nobody-here/activity", {"last_activity": SOON}),
    Call("far in the future", "POST", A, {"last_activity": LATE}, by=ALICE),
    Call("far in the future for a server", "POST", A, {"servers": {"": {"last_activity": LATE}}}, by=ALICE),
    Call("no time", "POST", A, {"last_activity": "yesterday evening"}, by=ALICE),
    Call("a list for a time", "POST", A, {"last_activity": [1]}, by=ALICE),
    Call("nothing", "POST", A, {}, by=ALICE),
    Call("no body", "POST", A, by=ALICE),
    Call("a list", "POST", A, [], by=ALICE),
    Call("no JSON", "POST", A, b"{", by=ALICE),
    Call("servers as a list", "POST", A, {"servers": [1]}, by=ALICE),
    Call("an unknown server", "POST", A, {"servers": {"none": {"last_activity": SOON}}}, by=ALICE),
    Call("a server's time as a text", "POST", A, {"servers": {"": SOON}}, by=ALICE),
    Call("a server without its time", "POST", A, {"servers": {"": {}}}, by=ALICE),
    Call("an empty time", "POST", A, {"last_activity": ""}, by=ALICE),
    Call("GET is not there", "GET", A, by=ALICE),
    Call("the server is stopped", "DELETE", "/users/alice/server", by=ALICE),
)
