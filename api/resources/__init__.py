"""The resources of the REST API: one class a noun, small, each responder with its `@operation`.

models         the shapes of users, servers and tokens, as types that the documentation is made of
root           version, information, keys
users, servers, progress, tokens

A resource gets `Api` (the hub, scopes, paths) and answers in both dialects. It asks the hub
for values and makes JSON of them; who may call is checked before it runs.
"""
