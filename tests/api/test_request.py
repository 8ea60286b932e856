from __future__ import annotations

import pytest
from falcon import testing

from api.request import Request, Zone, zone_of
from gateway.errors import BadInput


@pytest.mark.parametrize(
    ("path", "zone"),
    [
        ("/", Zone.PAGE),
        ("/hub", Zone.PAGE),
        ("/hub/home", Zone.PAGE),
        ("/hub/apix", Zone.PAGE),
        ("/hub/static", Zone.OPEN),
        ("/hub/static/a.css", Zone.OPEN),
        ("/hub/health", Zone.OPEN),
        ("/apix", Zone.PAGE),
        ("/user/alice/hub/api", Zone.PAGE),
    ],
)
def test_zones(path: str, zone: Zone) -> None:
    assert zone_of(path, "/") is zone
    assert zone_of(f"/x{path}", "/x/") is zone


def made(path: str = "/", query: str = "", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    scope = testing.create_scope(path=path, query_string=query, headers=named)
    return Request(scope, testing.ASGIRequestEventEmitter(), options=None)


def test_what_the_worker_says() -> None:
    req = made(X_Forwarded_For="192.0.2.1", X_Forwarded_Proto="https", X_Forwarded_Host="h:1", X_Request_Id="r" * 100)
    assert (req.client_address, req.public_scheme, req.public_host) == ("192.0.2.1", "https", "h:1")
    assert req.id == "r" * 64


def test_what_nobody_says() -> None:
    req = made()
    assert (req.client_address, req.public_scheme, req.public_host, req.id, req.user) == ("", "http", "", "", "")


def test_the_target_as_it_was_sent() -> None:
    assert made("/hub/a%2Fb").target == "/hub/a%2Fb"
    assert made("/hub/x", "a=%20&b").target == "/hub/x?a=%20&b"


def test_the_last_of_several_values_counts() -> None:
    assert made("/", "next=/a&next=/b").query("next") == "/b"
    assert made("/", "next=a,b").query("next") == "a,b"
    assert made("/").query("next") == ""


@pytest.mark.parametrize(("query", "found"), [("", 7), ("n=", 7), ("n=0", 0), ("n=12", 12), ("n=1&n=2", 2)])
def test_whole_numbers(query: str, found: int) -> None:
    assert made(query=query).number("n", 7) == found


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "%2B1", "%D9%A1", "1e3", "0x1", "1" * 10])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(BadInput, match="n must be a whole number"):
        made(query=f"n={text}").number("n", 7)
