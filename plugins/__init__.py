"""The plugins that come with Hubgate.

authenticators/   native (passwords kept here), dummy (one shared password)
spawners/         local (processes of this machine)

Import rule: a plugin sees `gateway.hookspecs`, `gateway.model` and
`gateway.errors`, and nothing else of Hubgate. Built-ins come in by the same door
as strangers: an entry point of the group `hubgate`. Importing one does nothing.
"""
