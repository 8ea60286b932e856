"""The data plane: what a proxy worker does with each request.

Pure, each a function of its arguments: `site` (what the settings mean), `facts`
(what was asked), `credentials` (by whom), `gate` (the decision), `rewrite` and
`cookies` (what passes on), `answers` (what the gateway says itself),
`identitytoken` (who it vouches for). They know no clock and no socket.

Everything else here is I/O and calls them. Nothing here imports the hub, the
store, the API or plugins; what the worker knows of them comes by the channel.
"""
