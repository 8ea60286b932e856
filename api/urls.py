"""The paths that answers and pages point to. Always paths, never a host.

A redirect or link that carried a host would take it from the request, and a
forged `Host` would lead people away. Whole addresses stand only beside them, in
JupyterHub's `full_…`, and are made of the settings alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from gateway.routes import escape, server_url

AUTHORIZE = "hub/api/oauth2/authorize"
"""Below the base path: where OAuth's clients send browsers."""


@dataclass(frozen=True, slots=True)
class Urls:
    """All of them, below one base path (`/` at both ends)."""

    base: str
    origin: str = ""
    """Where browsers find all of this, as the settings say it; "" if they do not."""

    def full(self, path: str) -> str | None:
        """A path as a whole address, where the settings say what that is."""
        return self.origin + path if self.origin else None

    @property
    def hub(self) -> str:
        return f"{self.base}hub/"

    @property
    def home(self) -> str:
        return f"{self.hub}home"

    @property
    def login(self) -> str:
        return f"{self.hub}login"

    @property
    def logout(self) -> str:
        return f"{self.hub}logout"

    @property
    def again(self) -> str:
        return f"{self.hub}again"

    @property
    def signup(self) -> str:
        return f"{self.hub}signup"

    @property
    def password(self) -> str:
        return f"{self.hub}password"

    def provider(self, name: str, then: str = "") -> str:
        """Where a log-in by redirect begins."""
        path = f"{self.hub}auth/{escape(name)}/login"
        return f"{path}?next={quote(then, safe='')}" if then else path

    def provider_callback(self, name: str) -> str:
        return f"{self.hub}auth/{escape(name)}/callback"

    def login_then(self, target: str) -> str:
        """Log-in that comes back to `target`, a path with its query."""
        return f"{self.login}?next={quote(target, safe='')}"

    def server(self, user: str, server: str = "") -> str:
        return server_url(self.base, user, server)

    def page(self, name: str, user: str, server: str = "", then: str = "") -> str:
        """A server's page: `spawn`, `spawn-pending`, `stop` or `remove`."""
        path = f"{self.hub}{name}/{escape(user)}" + (f"/{escape(server)}" if server else "")
        return f"{path}?next={quote(then, safe='')}" if then else path

    def admin(self, *parts: str) -> str:
        """A page of the administration: its name, and the name of what it shows."""
        return "/".join((f"{self.hub}admin", *map(escape, parts)))

    def accept_share(self, code: str) -> str:
        return f"{self.hub}accept-share?code={quote(code, safe='')}"

    def api_server(self, user: str, server: str = "") -> str:
        return f"{self.hub}api/{_below_api(user, server)}"

    def log(self, user: str, server: str, lines: int, proof: str) -> str:
        """The stream of what a server writes, for a page whose forms carry `proof`."""
        return f"{self.api_server(user, server)}/log?follow=true&lines={lines}&_xsrf={quote(proof)}"

    def steps(self, user: str, server: str = "") -> str:
        """The same as `progress` in our own dialect: with times, and the place in the queue."""
        return f"{self.base}api/{_below_api(user, server)}/progress"

    def progress(self, user: str, server: str = "") -> str:
        return f"{self.api_server(user, server)}/progress"

    def safe_next(self, value: str, default: str = "") -> str:
        """Where to go after this, if `value` is a path inside this site, else `default`.

        Browsers take `//host`, `/\\host` and paths with tabs or newlines in them
        for other sites; log-in and log-out would turn people in a circle.
        """
        if not value.startswith(self.base) or value.startswith("//") or "\\" in value:
            return default
        if any(ord(char) <= 0x20 or 0x7F <= ord(char) <= 0x9F for char in value):
            return default
        path = urlsplit(value).path
        if any(unquote(unquote(segment)) in (".", "..") for segment in path.split("/")):
            return default
        if unquote(path) in (unquote(self.login), unquote(self.logout)):
            return default
        return quote(value, safe="/?#[]@!$&'()*+,;=:%~-._", errors="replace")


def _below_api(user: str, server: str) -> str:
    return f"users/{escape(user)}/" + (f"servers/{escape(server)}" if server else "server")
