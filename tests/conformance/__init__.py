"""Hubgate beside a real JupyterHub 6.1.1: the same calls to both, and what is allowed to differ.

`jupyterhub` starts the original, `sides` gives both the same users, tokens and
browsers, `calls/` has the calls as data (one noun a file), `compare` judges two
answers, `differences` lists every difference that is meant, with its reason.
"""
