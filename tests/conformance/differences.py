"""Every difference from JupyterHub 6.1.1 that is meant, each with its reason.

One that no call shows is a failure, and so is a deviation that is not here.
`docs/conformance.md` shows this list.
"""

from __future__ import annotations

from tests.conformance.compare import Difference

GATE = "The gate refuses what is no token before the hub hears of it; its answers carry no headers of CORS."
BATCHED = "Activity is written in batches, so that a request costs no write: it shows some seconds later."
BODIES = "One rule for all bodies: no body is an empty object, and whatever is no object is refused in the same words."
WORDS = "The same, in words that tell more."
STRICT = "What is wrong with a body is said in one form everywhere: the key, and what it should be."
DEFECT = "JupyterHub fails with an error of its own."
NAMES = "Names are normalised before they are compared, in the path too."
STEPS = "The steps are Hubgate's own, and whoever comes late is told all of them."
PROFILE = "What starts is always said: `user_options.profile` names the profile, the first one if none was asked for."
ROUTES = "The route of the hub is two, `/hub/` and `/api/`: nothing else leads to it."
WORKERS = "The gateway's workers are its proxy; there is none that could be exchanged for another."
UNTOLD = "A start says no time before it is over."


def say(calls: str, why: str, theirs: str, ours: str = "*") -> Difference:
    return Difference(calls, "body.message", why, theirs, ours)


EVERYWHERE = (
    say("*", "An error always says something; JupyterHub leaves many without words.", "None"),
    say("*", "A message names JSON's types, not Python's.", "* must be <class '*"),
    say("*", "A message does not repeat what was sent.", "Invalid JSON keys: {*", "Invalid JSON keys: *"),
    say("*", "A message does not repeat what was sent.", "Invalid JSON data: *"),
    say("*", "A message is one line, without the validator's own words and links.", "*https://errors.pydantic.dev/*"),
    say("*", BODIES, "*", "Body must be a JSON dict or empty"),
    say("*", STRICT, "*", "* should be a valid *"),
    Difference("*", "*.last_activity", BATCHED, "<time>", "None"),
)

HUB = (
    Difference("hub: information*", "body.spawner.*", "Hubgate's own spawner."),
    Difference("hub: information*", "body.authenticator.*", "Hubgate's own authenticator."),
    Difference(
        "credentials: me, as an admin", "body.scopes", "Hubgate has scopes of its own.", ours="*'admin:traffic'*"
    ),
    Difference("credentials: an empty token", "headers.access-control-allow-headers", GATE),
    Difference("credentials: a token of 65 characters", "headers.access-control-allow-headers", GATE),
    Difference("credentials: a token of a megabyte of nothing", "headers.access-control-allow-headers", GATE),
    Difference("credentials: Basic is never taken", "headers.access-control-allow-headers", GATE),
    say(
        "credentials: a form by cookie is not believed",
        "The cookie is not taken, so nobody calls; JupyterHub compares `_xsrf` with that of nobody first.",
        "XSRF cookie does not match POST argument",
        "Missing or invalid credentials.",
    ),
    Difference("authorizations: tokens are not made here, by name", "status", DEFECT, "500 *", "404 *Deprecated*"),
)

USERS = (
    Difference("users: a name in capitals", "body.name", NAMES, "Judy", "judy"),
    Difference("users: is read in small letters", "status", NAMES, "404 *", "200 *"),
    Difference("users: judy is deleted", "status", NAMES, "404 *", "204 *"),
    Difference("users: capitals are deleted", "status", NAMES, "204 *", "404 *"),
    Difference("users: a change without a body", "status", BODIES, "400 *Invalid JSON data: None*", "200 *"),
    say("users: one is renamed to an invalid name", WORDS, "Invalid username: 'a/b'", "user name must not contain *"),
    Difference(
        "listing: names with *wildcard",
        "body*",
        "A filter is a text and no pattern: SQL's wildcards stand for themselves.",
        ours="[]",
    ),
    Difference(
        "listing: names with *wildcard",
        "body._pagination.total",
        "A filter is a text and no pattern: SQL's wildcards stand for themselves.",
        ours="0",
    ),
    Difference("listing: *", "*.user_options", "Options are always an object.", "None", "{}"),
    Difference("listing: *", "*.state", "A state is always an object.", "None", "{}"),
    Difference("spoiling: one keeps the name*", "body.name", "JupyterHub loses the name.", "None", "victor"),
    Difference("spoiling: and still has it", "status", "JupyterHub has lost the name.", "404 *", "200 *"),
    Difference("spoiling: and is deleted", "status", "JupyterHub has lost the name.", "404 *", "204 *"),
    Difference("spoiling: the list with stopped servers", "status", DEFECT, "500 *", "200 *"),
)

TOKENS = (
    Difference(
        "tokens: an empty id",
        "status",
        "A slash at the end means something only in `servers/` and `shares/{owner}/`.",
        "404 *",
        "200 *",
    ),
    Difference("tokens: an empty list for a body", "status", BODIES, "201 *", "400 *"),
    say("tokens: refused: an unknown *", "The scope alone is named, not Python's form of an error.", '"*"', "Scope '*"),
    say("tokens: refused: more than alice has*", "The scopes that are missing are in order.", "Not assigning *",
        "Not assigning *"),
)  # fmt: skip

GROUPS = (
    Difference(
        "groups: a group's filter",
        "body._pagination.total",
        "The total is that of what the caller may list; JupyterHub gives that of all groups away.",
        "2",
        "1",
    ),
    say("groups: members *without the key", STRICT, "Must specify users to *", "users is missing"),
)

OAUTH = (
    Difference(
        "oauth: *",
        "headers.access-control-allow-headers",
        "What a person agrees to is a page, and carries no headers of CORS.",
        ours="",
    ),
    Difference("oauth: *", "headers.content-type", "A redirect has no body of any type.", "text/html", "text/plain"),
    Difference(
        "oauth: a proof that nobody asked for",
        "status",
        "A proof for a code without a challenge means that the challenge was cut off on the way.",
        "200 *",
        "400 *invalid_grant*",
    ),
)

SERVICES = (
    say("services: one with a command", WORDS, "Can not create managed service dancer at runtime",
        "Can not create managed service dancer at runtime: *"),
    say("services: one of the settings is deleted", WORDS, "Service monitor is not modifiable at runtime",
        "Service monitor is not modifiable at runtime: *"),
    Difference(
        "services: an admin, by a narrow token*",
        "status",
        "A service cannot be given scopes that its maker's token does not have; JupyterHub asks the maker's own.",
    ),
)  # fmt: skip

SERVERS = (
    Difference("servers: *", "*.state.*", "The state is the spawner's own."),
    Difference("servers: *", "*.user_options.profile", PROFILE, "<absent>", "plain"),
    Difference("servers: progress *", "body[0].*", STEPS),
    Difference("servers: progress by the other path", "status",
               "A path has no empty part, except at its end; `/server/progress` is the same.", "200 *", "404 *"),
    Difference("servers: a change with an unknown key", "status", DEFECT, "500 *", "400 *"),
    Difference("servers: a user is deleted whose named server runs*", "status",
               "All servers of a user are stopped first; JupyterHub fails when a named one runs."),
    say("servers: put with a *", WORDS, "Invalid *"),
    say("servers: renamed to a bad name", WORDS, "Invalid *"),
    Difference("slow: *", "*.started", UNTOLD, "<time>", "None"),
    Difference("slow: progress of what was cancelled", "status", STEPS, "404 *", "200 *"),
    say("slow: a start that fails", "The owner is told why.", "Internal Server Error", "The server ended *"),
    Difference("slow: progress of what failed", "body[1].message",
               "A server that ends is noticed at once; JupyterHub waits until the time is over.", "Spawn failed: *",
               "The server ended *"),
)  # fmt: skip

ACTIVITY = (
    say("activity: *", STRICT, "servers must be a dict of the form *"),
    say("activity: no body", BODIES, "body must be a json dict"),
    say("activity: a list for a time", STRICT, "Not a valid timestamp: *"),
)

SHARES = (
    Difference("shares: with an unknown scope", "status", DEFECT, "500 *", "400 *"),
    Difference("codes: an unknown scope", "status", DEFECT, "500 *", "400 *"),
    Difference("shares: with a list", "status", DEFECT, "500 *", "400 *"),
)

PROXY = (
    Difference(
        "proxy: *",
        "body*.data.last_activity",
        "A server's last activity is in its model; the table says where things are.",
        "<time>",
        "<absent>",
    ),
    Difference("proxy: *", "body*./", ROUTES, ours="<absent>"),
    Difference("proxy: *", "body*./hub/", ROUTES, "<absent>"),
    Difference("proxy: *", "body*./api/", ROUTES, "<absent>"),
    Difference("proxy: *", "body._pagination.*", ROUTES),
    say("proxy: moved *", WORKERS, "*", "The gateway's workers *"),
    Difference("proxy: moved nowhere", "status", WORKERS, "200 *", "400 *The gateway's workers *"),
)

DIFFERENCES: tuple[Difference, ...] = (
    *EVERYWHERE,
    *HUB,
    *USERS,
    *TOKENS,
    *GROUPS,
    *OAUTH,
    *SERVICES,
    *SERVERS,
    *ACTIVITY,
    *SHARES,
    *PROXY,
)
