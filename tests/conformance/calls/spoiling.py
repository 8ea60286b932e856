"""What breaks something in JupyterHub for good; so it comes last."""

from tests.conformance.call import Call

CALLS = (
    Call("one is made", "POST", "/users/victor", {}),
    Call(
        "one keeps the name, as the admin page sends it", "PATCH", "/users/victor", {"name": "victor", "admin": False}
    ),
    Call("and still has it", "GET", "/users/victor"),
    Call("and is deleted", "DELETE", "/users/victor"),
    Call("the list with stopped servers", "GET", "/users?include_stopped_servers=1"),
)
