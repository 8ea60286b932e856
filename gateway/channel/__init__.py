"""What the hub and the proxy workers say to each other.

messages    every message type, versioned and bounded; the wire format
journal     the hub's side: pushes numbered and kept for workers that reconnect
client      the worker's side: connects, asks, applies pushes in order

Import rule: sees `model`, `routes`, `errors`; neither `hub` nor `proxy`.
"""
