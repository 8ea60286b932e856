"""The calls, one noun a file; each file leaves behind what it found.

They run in the order of `NOUNS`, each file's calls in its own order.
"""

from tests.conformance.calls import (
    activity,
    authorizations,
    codes,
    credentials,
    groups,
    hub,
    listing,
    oauth,
    proxy,
    servers,
    services,
    shares,
    slow,
    spoiling,
    tokens,
    users,
)

NOUNS = {
    module.__name__.rpartition(".")[2]: module.CALLS
    for module in (
        hub,
        credentials,
        authorizations,
        users,
        listing,
        tokens,
        groups,
        services,
        servers,
        slow,
        activity,
        shares,
        codes,
        oauth,
        proxy,
        spoiling,
    )
}
