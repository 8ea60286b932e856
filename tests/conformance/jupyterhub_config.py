"""What JupyterHub reads: the world of `world.py`, which arrives as JSON in `CONFORMANCE`.

This file runs in JupyterHub's environment and knows nothing of ours.
"""

import json
import os

world = json.loads(os.environ["CONFORMANCE"])
c = get_config()  # noqa: F821

c.JupyterHub.bind_url = f"http://127.0.0.1:{world['port']}/"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = world["hub_port"]
c.ConfigurableHTTPProxy.command = [world["proxy"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{world['proxy_port']}"
c.JupyterHub.db_url = world["database"]
c.JupyterHub.cookie_secret_file = world["cookie_secret"]

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = world["password"]
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {world["admin"]}
c.JupyterHub.api_tokens = {world["token"]: world["admin"]}

c.JupyterHub.services = world["services"]
c.JupyterHub.load_roles = world["roles"]

c.JupyterHub.spawner_class = "simple"
c.JupyterHub.allow_named_servers = True
c.JupyterHub.named_server_limit_per_user = world["servers_per_user"]
c.SimpleLocalProcessSpawner.home_dir_template = world["homes"] + "/{username}"
c.Spawner.default_url = "/"
# Longer than the slow start; so long JupyterHub waits for a server that has ended.
c.Spawner.http_timeout = 20


def choose_profile(spawner):
    """What Hubgate does with profiles: `user_options` name the command."""
    commands = world["profiles"]
    spawner.cmd = commands[(spawner.user_options or {}).get("profile", next(iter(commands)))]


c.Spawner.pre_spawn_hook = choose_profile
