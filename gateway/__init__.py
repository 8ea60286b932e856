"""Hubgate's core: a programmable gateway for multi-user Jupyter.

model, scopes, routes    values and pure rules that both planes share
hookspecs, pluginmanager every extension point, and the one typed door to them
channel                  what the hub and the proxy workers say to each other
proxy                    the data plane: gate, express lane, flow lane, worker
hub                      the control plane: users, servers, tokens, sessions
store                    what is kept: Pony entities, units of work, migrations
settings, cli, supervisor, errors, log

Import rule: the core never imports `plugins` or `api`; it reaches them by
entry point. `proxy` and `hub` do not import each other. `setup.cfg` holds
the arrows and `lint-imports` proves them.
"""

__version__ = "0.1.0"

JUPYTERHUB_VERSION = "6.1.1"
"""The JupyterHub release whose surface we speak (header, `GET /hub/api`)."""
