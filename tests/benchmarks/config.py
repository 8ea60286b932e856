"""The peers that want a configuration file: nginx, HAProxy, Caddy. One worker or thread each, upstreams kept."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.peers import LOOPBACK, Proxy, found

NGINX = """\
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
  access_log {folder}/{name}-access.log;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi; uwsgi_temp_path {folder}/{name}-uwsgi; scgi_temp_path {folder}/{name}-scgi;
  client_max_body_size 0; keepalive_requests 100000000;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream backend {{ server {host}:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  {auth_upstream}
  server {{
    listen {host}:{port} backlog=4096;
    location / {{
      {auth_request}
      proxy_pass http://backend; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }}
    {auth_location}
  }}
}}
"""
AUTH_LOCATION = """location = /auth-benchmark {
      internal; proxy_pass http://auth/small; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length "";
    }"""

HAPROXY = """\
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  http-reuse always
frontend f
  bind {host}:{port} backlog 4096
  default_backend b
backend b
  option forwardfor
  server s {host}:{upstream}
"""

CADDY = """\
{{
  admin off
  auto_https off
  storage file_system {folder}/caddy
}}
http://{host}:{port} {{
  bind {host}
  {forward_auth}
  reverse_proxy {host}:{upstream}
}}
"""
FORWARD_AUTH = """forward_auth {host}:{auth} {{
    uri /small
  }}"""


class Configured(Proxy):
    """`auth` is the port of a service that is asked before every request, and says yes; 0 = nobody is asked."""

    def __init__(self, folder: Path, name: str, upstream: int, auth: int = 0) -> None:
        super().__init__(folder, name, upstream)
        self.auth = auth

    def write(self, template: str, **more: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{self.name}.conf"
        places = {"host": LOOPBACK, "port": self.port, "upstream": self.upstream, "auth": self.auth}
        file.write_text(template.format(folder=self.folder, name=self.name, **places, **more), "utf-8")
        return str(file)


class Nginx(Configured):
    """With its access log, as it is installed."""

    def start(self) -> None:
        asked = bool(self.auth)
        file = self.write(
            NGINX,
            auth_upstream=f"upstream auth {{ server {LOOPBACK}:{self.auth}; keepalive 256; }}" if asked else "",
            auth_request="auth_request /auth-benchmark;" if asked else "",
            auth_location=AUTH_LOCATION if asked else "",
        )
        self.run([found("nginx", "apt-get install nginx-light"), "-c", file, "-p", str(self.folder)])


class Haproxy(Configured):
    def start(self) -> None:
        self.run([found("haproxy", "apt-get install haproxy"), "-f", self.write(HAPROXY)])


class Caddy(Configured):
    def start(self) -> None:
        forward_auth = FORWARD_AUTH.format(host=LOOPBACK, auth=self.auth) if self.auth else ""
        file = self.write(CADDY, forward_auth=forward_auth)
        command = [found("caddy", "apt-get install caddy"), "run", "--adapter", "caddyfile", "--config", file]
        self.run(command, {"GOMAXPROCS": "1", "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)})
