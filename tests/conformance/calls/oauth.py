"""OAuth: what a browser and a client send, in every order that is wrong, and in the one that is right."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode

from tests.conformance.call import ALICE, MONITOR_VALUE, NOBODY, Browser, Call
from tests.conformance.world import BACK

ADMIN, HERSELF, OTHER = Browser("admin"), Browser("alice"), Browser("carol")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PROOF = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def address(**changes: str | None) -> str:
    fields = {"client_id": "service-monitor", "redirect_uri": BACK, "response_type": "code", "state": "s", **changes}
    return f"/oauth2/authorize?{urlencode({name: value for name, value in fields.items() if value is not None})}"


def agree(about: str, name: str, scopes: str = "", **changes: str | None) -> Call:
    """The form of the page is sent; the code that comes back is kept by that name."""
    body = urlencode({"scopes": scopes} if scopes else {}).encode()
    return Call(about, "POST", address(**changes), body, by=ADMIN, headers={**PAGE, **FORM}, keep={name: "?code"})


def ask(about: str, code: str | None, keep: str = "", **changes: str | None) -> Call:
    """The client's call for its token, with the code of that name."""
    fields = {
        "client_id": "service-monitor",
        "client_secret": MONITOR_VALUE,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        **changes,
    }
    body = urlencode({name: value for name, value in fields.items() if value is not None})
    body += f"&code={code}" if code else ""
    kept = {keep: "access_token"} if keep else {}
    return Call(about, "POST", "/oauth2/token", body.encode(), by=NOBODY, headers=FORM, keep=kept)


def visit(about: str, by: Browser = ADMIN, **changes: str | None) -> Call:
    return Call(about, "GET", address(**changes), by=by, headers=PAGE)


SERVER = address(client_id="jupyterhub-user-alice", redirect_uri="/user/alice/oauth_callback")

CALLS = (
    Call("nobody is sent to log in", "GET", address(), by=NOBODY, headers=PAGE),
    visit("an admin is asked"),
    visit("who lacks the scope is not", by=OTHER),
    visit("no such client", client_id="service-nobody"),
    visit("no client", client_id=None),
    visit("another address", redirect_uri="https://evil.example/"),
    visit("another address: a slash", redirect_uri=BACK + "/"),
    visit("no address is the one that is known", redirect_uri=None),
    visit("no response type", response_type=None),
    visit("another response type", response_type="token"),
    visit("no such scope", scope="no:such"),
    visit("a scope that the client may not have", scope="admin:users"),
    visit("another way of proof", code_challenge=CHALLENGE, code_challenge_method="S512"),
    visit("without a state", state=None),
    agree("agreed to nothing", "one", **PROOF),
    ask("the wrong secret", "{one}", client_secret="wrong", code_verifier=VERIFIER),
    ask("no secret", "{one}", client_secret=None, code_verifier=VERIFIER),
    ask("another client", "{one}", client_id="service-nobody", code_verifier=VERIFIER),
    ask("another kind of grant", "{one}", grant_type="password", code_verifier=VERIFIER),
    ask("no kind of grant", "{one}", grant_type=None, code_verifier=VERIFIER),
    ask("no code", None, code_verifier=VERIFIER),
    ask("a guessed code", "guessed", code_verifier=VERIFIER),
    ask("no proof", "{one}"),
    ask("the wrong proof", "{one}", code_verifier="w" * 43),
    ask("another address at the exchange", "{one}", redirect_uri="https://evil.example/", code_verifier=VERIFIER),
    ask("a token", "{one}", keep="first", code_verifier=VERIFIER),
    Call("who it is", "GET", "/user", by=NOBODY, headers={"Authorization": "token {first}"}),
    Call("what it may", "GET", "/users", by=NOBODY, headers={"Authorization": "token {first}"}),
    Call(
        "an admin who has agreed is sent on",
        "GET",
        address(scope="identify"),
        by=ADMIN,
        headers=PAGE,
        keep={"again": "?code"},
    ),
    visit("but is asked for more"),
    agree("agreed to a scope", "two", scopes="read:users!user", scope="read:users!user tokens!user"),
    ask("a token without proof", "{two}", keep="second"),
    Call("who it is, with the scope", "GET", "/user", by=NOBODY, headers={"Authorization": "token {second}"}),
    agree("agreed without a challenge", "four"),
    ask("a proof that nobody asked for", "{four}", code_verifier=VERIFIER),
    agree("agreed once more, with a plain proof", "three", code_challenge=VERIFIER),
    ask("a plain proof", "{three}", keep="third", code_verifier=VERIFIER),
    ask("a code a second time", "{three}", code_verifier=VERIFIER),
    Call("alice starts a server that asks", "POST", "/users/alice/server", {"profile": "aware"}, by=ALICE),
    Call("alice is not asked for her server", "GET", SERVER, by=HERSELF, headers=PAGE, keep={"own": "?code"}),
    Call("carol may not use it", "GET", SERVER, by=OTHER, headers=PAGE),
    Call("an admin is asked for alice's server", "GET", SERVER, by=ADMIN, headers=PAGE),
    Call("the server ends", "DELETE", "/users/alice/server", by=ALICE),
    Call("and is no client any more", "GET", SERVER, by=HERSELF, headers=PAGE),
)
