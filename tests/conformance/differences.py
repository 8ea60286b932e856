"""Every difference from JupyterHub 6.1.1 that is meant, each with its reason.

One that no call shows is a failure, and so is a deviation that is not here.
`docs/conformance.md` shows this list.
"""

from __future__ import annotations

from tests.conformance.compare import Difference

GATE = "The gate refuses what is no token before the hub hears of it; its answers carry no headers of CORS."
BATCHED = "Activity is written in batches, so that a request costs no write: it shows some seconds later."

EVERYWHERE = (
    Difference("*", "body.message", "An error always says something; JupyterHub leaves many without words.", "None"),
    Difference("*", "body.message", "A message names JSON's types, not Python's.", "* must be <class '*"),
    Difference(
        "*",
        "body.message",
        "A message names the key that is wrong and does not repeat what was sent.",
        "Invalid JSON keys: {*",
        "Invalid JSON keys: *",
    ),
    Difference("*", "body.message", "A message does not repeat what was sent.", "Invalid JSON data: *"),
    Difference(
        "*",
        "body.message",
        "A message is one line, without the validator's own words and links.",
        "*https://errors.pydantic.dev/*",
    ),
    Difference("*", "*.last_activity", BATCHED, "<time>", "None"),
)

HUB = (
    Difference("hub: information*", "body.spawner.*", "Hubgate's own spawner."),
    Difference("hub: information*", "body.authenticator.*", "Hubgate's own authenticator."),
    Difference("credentials: an empty token", "headers.access-control-allow-headers", GATE),
    Difference("credentials: a token of a megabyte of nothing", "headers.access-control-allow-headers", GATE),
    Difference("credentials: Basic is never taken", "headers.access-control-allow-headers", GATE),
    Difference(
        "credentials: a form by cookie is not believed",
        "body.message",
        "The cookie is not taken, so nobody calls; JupyterHub compares `_xsrf` with that of nobody first.",
        "XSRF cookie does not match POST argument",
        "Missing or invalid credentials.",
    ),
    Difference(
        "authorizations: tokens are not made here, by name",
        "status",
        "The explanation instead of an error of JupyterHub's own (its handler takes no name).",
        "500 *",
        "404 *",
    ),
)

DIFFERENCES: tuple[Difference, ...] = (*EVERYWHERE, *HUB)
