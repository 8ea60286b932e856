"""The control plane: one active hub owns the store and what changes in it.

core         Hub: the parts below, opened, started and closed together
users sessions tokens identities keys    who somebody is, and may they enter
lifecycle queue launches servers         a server's life: the table, the queue, one start, all of them
adoption profiles progress probe         what a start needs beside
routes workers channel activity          what the workers are told, and what they tell
changes      follows the store's change log, whoever wrote it
asgi process the hub's one socket, and the process around it

Import rule: sees `store`, `channel`, `hookspecs` and the shared values; never
`proxy`, `api`, Falcon, Pony or mitmproxy. `lifecycle` is pure.
"""
