"""Services: those of the settings, and those made at run time."""

from tests.conformance.call import ALICE, MONITOR, NOBODY, Call, Raw, scoped

S = "/services/painter"
TOKEN = "a-token-of-the-service-painter"

CALLS = (
    Call("all", "GET", "/services"),
    Call("all, by alice", "GET", "/services", by=ALICE),
    Call("all, by nobody", "GET", "/services", by=NOBODY),
    Call("names alone", "GET", "/services", by=scoped("list:services")),
    Call("one", "GET", "/services/monitor"),
    Call("one, by itself", "GET", "/services/monitor", by=MONITOR),
    Call("one, by alice", "GET", "/services/monitor", by=ALICE),
    Call("one that is not there", "GET", "/services/nothing"),
    Call("one's name alone", "GET", "/services/monitor", by=scoped("read:services:name")),
    Call("one's roles alone", "GET", "/services/monitor", by=scoped("read:roles:services")),
    Call("one by its filter", "GET", "/services/monitor", by=scoped("read:services!service=monitor")),
    Call("one by another filter", "GET", "/services/monitor", by=scoped("read:services!service=other")),
    Call("one is made", "POST", S, {"api_token": TOKEN, "info": {"colour": "red"}}),
    Call("it may call", "GET", "/user", by=Raw(f"token {TOKEN}")),
    Call("one that exists", "POST", S, {"api_token": TOKEN}),
    Call("one of the settings", "POST", "/services/monitor", {"display": True}),
    Call("one without a body", "POST", "/services/dancer"),
    Call("one with a list", "POST", "/services/dancer", ["url"]),
    Call("one with an empty object", "POST", "/services/dancer", {}),
    Call("one with an unknown key", "POST", "/services/dancer", {"colour": "red"}),
    Call("one with a number for url", "POST", "/services/dancer", {"url": 7}),
    Call("one with a text for admin", "POST", "/services/dancer", {"admin": "yes"}),
    Call("one with a command", "POST", "/services/dancer", {"command": ["true"]}),
    Call("one with what is no JSON", "POST", "/services/dancer", b"{"),
    Call("one by alice", "POST", "/services/dancer", {"display": True}, by=ALICE),
    Call("after all that it is not there", "GET", "/services/dancer"),
    Call("an admin, by a narrow token", "POST", "/services/boss", {"admin": True}, by=scoped("admin:services")),
    Call("an admin, by a narrow token, ends", "DELETE", "/services/boss"),
    Call("deleted by alice", "DELETE", S, by=ALICE),
    Call("deleted", "DELETE", S),
    Call("its token is gone", "GET", "/user", by=Raw(f"token {TOKEN}")),
    Call("deleted twice", "DELETE", S),
    Call("one of the settings is deleted", "DELETE", "/services/monitor"),
    Call("at the end all are as before", "GET", "/services"),
)
