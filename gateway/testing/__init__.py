"""For the tests of plugins: what every authenticator, spawner and share handler must do, and what they are tried with.

    class TestGuests(AuthenticatorSuite):            # gateway.testing.authenticators
        authenticator = Guests
        options = {"word": "xyzzy"}
        good = {"username": "guest-7", "password": "xyzzy"}

A suite is a class whose tests a subclass inherits; it needs pytest and nothing else. `fakes`
has a hub, a clock and a storage, `builders` makes requests, people and places, and `plugged`
puts a plugin behind the gateway's own door. `plugin` makes fixtures of them, by entry point.

Nothing of the gateway imports this package.
"""
