"""`create_app(hub)`: every URL of the hub, in one place."""

from __future__ import annotations

from collections.abc import Iterable

import falcon.asgi
from falcon.asgi import Response

from api import paths
from api.access import Access
from api.cookies import Cookies
from api.errors import Errors
from api.middleware import Headers, Identify, Protect
from api.pages.assets import Assets
from api.pages.failure import FailurePage
from api.pages.home import HomePage, RootPage
from api.pages.login import LoginPage
from api.pages.logout import LogoutPage
from api.pages.pending import PendingPage
from api.pages.rendering import Renderer
from api.pages.spawn import SpawnPage
from api.pages.stop import RemovePage, StopPage
from api.progress import ServerProgress
from api.request import Request
from api.root import Health, Info, Keys, Version
from api.servers import Servers
from api.tokens import OneToken, Tokens
from api.urls import Urls
from api.users import CurrentUser, OneUser, Users
from gateway.hub.core import Hub


def create_app(hub: Hub) -> paths.Asgi:
    """The whole app over an opened hub. Before it stands the root ASGI app's secret check."""
    base = hub.settings.gateway.base_path
    urls = Urls(base)
    cookies = Cookies(hub.settings)
    assets = Assets(urls)
    renderer = Renderer(urls, cookies, assets, hub.keys.xsrf)
    app: falcon.asgi.App[Request, Response] = falcon.asgi.App(
        request_type=Request,
        response_type=Response,
        middleware=[Identify(hub, base), Protect(hub.keys.xsrf), Headers()],
    )
    app.router_options.converters["user"] = paths.UserConverter
    app.router_options.converters["server"] = paths.ServerConverter
    app.req_options.keep_blank_qs_values = True
    Errors(urls, FailurePage(renderer)).install(app)
    root = paths.template_base(base)
    for path, resource in url_map(hub, urls, cookies, assets, renderer):
        app.add_route(root + path, resource)
    return paths.RawPath(app)


def url_map(hub: Hub, urls: Urls, cookies: Cookies, assets: Assets, renderer: Renderer) -> Iterable[tuple[str, object]]:
    """All paths below the base path, and what answers there."""
    access = Access(hub)
    user, server = "{user:user}", "{user:user}/{server:server}"

    home = RootPage(urls)
    yield from (("", home), ("hub", home), ("hub/", home))
    yield "hub/home", HomePage(hub, renderer, urls)
    yield "hub/login", LoginPage(hub, renderer, cookies, urls)
    yield "hub/logout", LogoutPage(hub, renderer, cookies, urls)
    spawn = SpawnPage(hub, access, renderer, urls)
    yield from (("hub/spawn", spawn), (f"hub/spawn/{user}", spawn), (f"hub/spawn/{server}", spawn))
    pending = PendingPage(hub, access, renderer, urls)
    yield from ((f"hub/spawn-pending/{user}", pending), (f"hub/spawn-pending/{server}", pending))
    stop = StopPage(hub, access, urls)
    yield from ((f"hub/stop/{user}", stop), (f"hub/stop/{server}", stop))
    yield f"hub/remove/{server}", RemovePage(hub, access, urls)
    yield "hub/static/{name}", assets
    yield "hub/health", Health()

    version = Version()
    yield from (("hub/api", version), ("hub/api/", version))
    yield "hub/api/info", Info(hub, access)
    yield "hub/api/jwks.json", Keys(hub)
    yield "hub/api/user", CurrentUser(hub, urls)
    yield "hub/api/users", Users(hub, access, urls)
    one = f"hub/api/users/{user}"
    yield one, OneUser(hub, access, urls)
    servers, progress = Servers(hub, access, urls), ServerProgress(hub, access)
    # A server with an empty name is the default one.
    yield from ((f"{one}/server", servers), (f"{one}/servers/", servers))
    yield f"{one}/server/progress", progress
    yield f"{one}/servers/{{server:server}}", servers
    yield f"{one}/servers/{{server:server}}/progress", progress
    yield f"{one}/tokens", Tokens(hub, access)
    yield f"{one}/tokens/{{token}}", OneToken(hub, access)
