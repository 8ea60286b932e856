"""`create_app(hub)`: every URL of the hub, in one place."""

from __future__ import annotations

from collections.abc import Iterable

import falcon.asgi
from falcon.asgi import Response
from falcon.media import JSONHandler
from pydantic_core import to_json

from api import paths
from api.access import Access
from api.cookies import Cookies
from api.dialect import DIALECTS, JUPYTERHUB, OURS
from api.errors import Errors
from api.headers import AlwaysHeaders
from api.measure import Measure
from api.middleware import Admit, Headers, Identify, Protect
from api.openapi import Endpoint
from api.operation import Api, Resource, operations
from api.pages.acceptshare import AcceptSharePage
from api.pages.account import AccountPage, EndSession, EndSessions
from api.pages.admin.audit import AdminAudit, AuditExport
from api.pages.admin.capture import AdminCapture
from api.pages.admin.captures import AdminCaptures
from api.pages.admin.flow import AdminFlow
from api.pages.admin.gateway import AdminGateway
from api.pages.admin.groups import AdminGroup, AdminGroups
from api.pages.admin.oneuser import AdminUser
from api.pages.admin.overview import AdminRoles, AdminServices
from api.pages.admin.request import AdminRequest
from api.pages.admin.routes import AdminRoutes
from api.pages.admin.servers import AdminServers
from api.pages.admin.signups import AdminSignUps
from api.pages.admin.traffic import AdminTraffic
from api.pages.admin.users import AdminUsers
from api.pages.again import AgainPage
from api.pages.assets import Assets
from api.pages.authorize import AuthorizePage
from api.pages.change import RenamePage, RestartPage
from api.pages.docs import DocsPage
from api.pages.failure import FailurePage
from api.pages.health import Health
from api.pages.home import HomePage, RootPage
from api.pages.keepalive import KeepAlivePage
from api.pages.log import LogPage
from api.pages.login import LoginPage
from api.pages.logout import LogoutPage
from api.pages.password import PasswordPage
from api.pages.pending import PendingPage
from api.pages.presets import RemovePreset
from api.pages.redirects import CallbackPage, DeparturePage
from api.pages.rendering import Renderer
from api.pages.shares import LeaveShare, RevokeInvitation, SharesPage, WithdrawShare
from api.pages.signup import SignUpPage
from api.pages.spawn import SpawnPage
from api.pages.stop import RemovePage, StopPage
from api.pages.tokens import RevokeToken, TokensPage
from api.pages.userredirect import HubUserPage, UserRedirectPage
from api.request import Request
from api.resources.activity import Activity
from api.resources.audit import Audit
from api.resources.authorizations import AdminAccess, CookieOwner, NewTokens, TokenOwner
from api.resources.captures import CaptureFile, Captures, Flows, OneCapture, OneFlow, ReconnectSockets, StopCapture
from api.resources.description import Description
from api.resources.groups import GroupProperties, Groups, GroupUsers, OneGroup
from api.resources.invitations import Acceptance, Invitations, OneInvitation
from api.resources.keepalive import KeepAlive
from api.resources.logs import ServerLog
from api.resources.metrics import Metrics
from api.resources.oauth import OAuthToken
from api.resources.operations import Announcements, End, HubInfo, Queue, StartsSwitch, SystemInfo, Workers
from api.resources.passwords import Password
from api.resources.plugins import endpoints as of_plugins
from api.resources.progress import ServerProgress
from api.resources.roles import Roles
from api.resources.root import Info, Keys, Version
from api.resources.routes import OneRoute, Proxy, Routes
from api.resources.servers import OurServer, Servers
from api.resources.services import OneService, Services
from api.resources.sessions import OneSession, Sessions
from api.resources.sharecodes import OwnerCodes, ServerCodes
from api.resources.shares import GroupShared, OneGroupShared, OneUserShared, OwnerShares, ServerShares, UserShared
from api.resources.signups import OneSignUp, SignUps
from api.resources.tokens import OneToken, Tokens
from api.resources.traffic import Requests, RequestStream
from api.resources.users import CurrentUser, OneUser, Users
from api.urls import AUTHORIZE, Urls
from gateway.hub.core import Hub

USER, SERVER = "{user:user}", "{server:server}"


def create_app(hub: Hub) -> paths.RawPath:
    """The whole app over an opened hub. Before it stands the root ASGI app's secret check."""
    base = hub.settings.gateway.base_path
    urls = Urls(base, hub.settings.gateway.public_url)
    cookies = Cookies(hub.settings)
    assets = Assets(urls)
    renderer = Renderer(urls, cookies, assets, hub)
    access = Access(hub)
    app: falcon.asgi.App[Request, Response] = falcon.asgi.App(
        request_type=Request,
        response_type=Response,
        middleware=[Measure(hub.metrics), Identify(hub, base), Protect(hub.keys.xsrf), Admit(access), Headers()],
    )
    app.router_options.converters["user"] = paths.UserConverter
    app.router_options.converters["group"] = paths.GroupConverter
    app.router_options.converters["server"] = paths.ServerConverter
    app.req_options.keep_blank_qs_values = True
    app.resp_options.media_handlers[falcon.MEDIA_JSON] = JSONHandler(dumps=to_json)
    Errors(urls, FailurePage(renderer)).install(app)
    root = paths.template_base(base)
    endpoints: list[Endpoint] = []
    api = Api(hub, access, urls)
    description = Description(api, endpoints)
    endpoints += rest(api, description)
    for endpoint in endpoints:
        list(operations(endpoint.resource))  # each responder has its declaration, or the hub does not start
        app.add_route(paths.unslashed(root + endpoint.dialect.path + endpoint.path), endpoint.resource)
    for endpoint in of_plugins(api):
        try:
            app.add_route(root + endpoint.dialect.path + endpoint.path, endpoint.resource)
        except ValueError as clash:
            hub.hooks.fault(endpoint.path.split("/")[2], f"offers an API route that does not fit: {clash}")
        else:
            endpoints.append(endpoint)
    for path, page in pages(api, cookies, assets, renderer):
        app.add_route(root + path, page)
    docs = {f"{base}{dialect.path}/openapi.json": dialect for dialect in reversed(DIALECTS)}
    app.add_route(f"{root}hub/docs", DocsPage(renderer, docs, description.of))
    return paths.RawPath(AlwaysHeaders(app), base)


def rest(api: Api, description: Description) -> Iterable[Endpoint]:
    """The REST API: all paths below each dialect's own, and what answers there."""
    yield from both("/", Version(api))
    yield from both("/openapi.json", description)
    yield from jupyterhub("/info", Info(api))
    yield from jupyterhub("/jwks.json", Keys(api))
    yield from jupyterhub("/authorizations/token", NewTokens(api))
    yield from jupyterhub("/authorizations/token/{token}", TokenOwner(api))
    yield from jupyterhub("/authorizations/cookie/{name}/{value}", CookieOwner(api))
    yield from jupyterhub("/oauth2/token", OAuthToken(api))
    yield from jupyterhub("/traffic/requests", Requests(api))
    yield from jupyterhub("/traffic/requests/stream", RequestStream(api))
    yield from _captures(api)
    yield from jupyterhub("/audit", Audit(api))
    yield from _users(api)
    yield from ours("/info", SystemInfo(api))
    yield from jupyterhub("/shutdown", End(api))
    yield from ours("/hub/shutdown", End(api))
    yield from ours("/hub/info", HubInfo(api))
    yield from ours("/hub/queue", Queue(api))
    yield from ours("/hub/workers", Workers(api))
    yield from ours("/hub/announcement", Announcements(api))
    yield from ours("/hub/starts", StartsSwitch(api))
    yield from jupyterhub("/proxy", Proxy(api))
    yield from ours("/proxy", Routes(api))
    yield from ours("/proxy/{path:path}", OneRoute(api))
    yield from _shares(api)
    yield from _groups(api)
    yield from ours("/roles", Roles(api))
    yield from ours("/signups", SignUps(api))
    yield from ours("/signups/{name:user}", OneSignUp(api))
    yield from both("/services", Services(api))
    yield from both("/services/{service:server}", OneService(api))


def _captures(api: Api) -> Iterable[Endpoint]:
    one = "/traffic/captures/{capture}"
    yield from jupyterhub("/traffic/captures", Captures(api))
    yield from jupyterhub(one, OneCapture(api))
    yield from jupyterhub(f"{one}/stop", StopCapture(api))
    yield from jupyterhub(f"{one}/reconnect", ReconnectSockets(api))
    yield from jupyterhub(f"{one}/flows", Flows(api))
    yield from jupyterhub(f"{one}/flows/{{number}}", OneFlow(api))
    yield from jupyterhub(f"{one}/file/{{form}}", CaptureFile(api))


def _users(api: Api) -> Iterable[Endpoint]:
    one = f"/users/{USER}"
    yield from both("/user", CurrentUser(api))
    yield from both("/users", Users(api))
    yield from both(one, OneUser(api))
    servers, progress, log, alive = Servers(api), ServerProgress(api), ServerLog(api), KeepAlive(api)
    # A server with an empty name is the default one.
    yield from jupyterhub(f"{one}/server", servers)
    yield from ours(f"{one}/server", OurServer(api))
    yield from both(f"{one}/servers/", servers)
    yield from both(f"{one}/server/progress", progress)
    yield from both(f"{one}/server/log", log)
    yield from ours(f"{one}/server/keep-alive", alive)
    yield from ours(f"{one}/servers/{SERVER}/keep-alive", alive)
    yield from both(f"{one}/servers/{SERVER}", servers)
    yield from both(f"{one}/servers/{SERVER}/progress", progress)
    yield from both(f"{one}/servers/{SERVER}/log", log)
    yield from jupyterhub(f"{one}/admin-access", AdminAccess(api))
    yield from both(f"{one}/activity", Activity(api))
    yield from ours(f"{one}/sessions", Sessions(api))
    yield from ours(f"{one}/sessions/{{session}}", OneSession(api))
    yield from ours(f"{one}/password", Password(api))
    yield from both(f"{one}/tokens", Tokens(api))
    yield from both(f"{one}/tokens/{{token}}", OneToken(api))


def _shares(api: Api) -> Iterable[Endpoint]:
    yield from jupyterhub(f"/shares/{USER}", OwnerShares(api))
    yield from jupyterhub(f"/share-codes/{USER}", OwnerCodes(api))
    shares, codes = ServerShares(api), ServerCodes(api)
    for server in ("", SERVER):
        yield from jupyterhub(f"/shares/{USER}/{server}", shares)
        yield from jupyterhub(f"/share-codes/{USER}/{server}", codes)
    yield from ours("/shares", Invitations(api))
    yield from ours("/shares/{code}", OneInvitation(api))
    yield from ours("/shares/{code}/accept", Acceptance(api))
    yield from both(f"/users/{USER}/shared", UserShared(api))
    yield from both("/groups/{group:group}/shared", GroupShared(api))
    for which in ("", "{which:server}"):
        yield from both(f"/users/{USER}/shared/{{owner:user}}/{which}", OneUserShared(api))
        yield from both(f"/groups/{{group:group}}/shared/{{owner:user}}/{which}", OneGroupShared(api))


def _groups(api: Api) -> Iterable[Endpoint]:
    one = "/groups/{group:group}"
    yield from both("/groups", Groups(api))
    yield from both(one, OneGroup(api))
    yield from both(f"{one}/users", GroupUsers(api))
    yield from both(f"{one}/properties", GroupProperties(api))


def both(path: str, resource: Resource) -> Iterable[Endpoint]:
    return [Endpoint(dialect, path, resource) for dialect in DIALECTS]


def jupyterhub(path: str, resource: Resource) -> Iterable[Endpoint]:
    yield Endpoint(JUPYTERHUB, path, resource)


def ours(path: str, resource: Resource) -> Iterable[Endpoint]:
    yield Endpoint(OURS, path, resource)


def pages(api: Api, cookies: Cookies, assets: Assets, renderer: Renderer) -> Iterable[tuple[str, object]]:
    """The HTML pages and what belongs to them, below the base path."""
    hub, access, urls = api.hub, api.access, api.urls
    user, server = USER, f"{USER}/{SERVER}"
    home = RootPage(urls)
    yield from (("", home), ("hub", home), ("hub/", home))
    yield "hub/home", HomePage(api, renderer)
    yield "hub/login", LoginPage(hub, renderer, cookies, urls)
    yield "hub/auth/{name}/login", DeparturePage(hub, renderer, cookies, urls)
    yield "hub/auth/{name}/callback", CallbackPage(hub, renderer, cookies, urls)
    yield "hub/signup", SignUpPage(hub, renderer, urls)
    yield "hub/password", PasswordPage(hub, renderer)
    yield "hub/logout", LogoutPage(hub, renderer, cookies, urls)
    yield "hub/again", AgainPage(hub, cookies, urls)
    spawn = SpawnPage(api, renderer)
    yield from (("hub/spawn", spawn), (f"hub/spawn/{user}", spawn), (f"hub/spawn/{server}", spawn))
    yield "hub/presets/remove", RemovePreset(api, renderer)
    pending = PendingPage(api, renderer)
    yield from ((f"hub/spawn-pending/{user}", pending), (f"hub/spawn-pending/{server}", pending))
    stop = StopPage(hub, access, urls)
    yield from ((f"hub/stop/{user}", stop), (f"hub/stop/{server}", stop))
    alive = KeepAlivePage(hub, access, urls)
    yield from ((f"hub/keep-alive/{user}", alive), (f"hub/keep-alive/{server}", alive))
    yield f"hub/remove/{server}", RemovePage(hub, access, urls)
    restart, rename = RestartPage(api, renderer), RenamePage(api, renderer)
    yield from ((f"hub/restart/{user}", restart), (f"hub/restart/{server}", restart))
    yield from ((f"hub/rename/{user}", rename), (f"hub/rename/{server}", rename))
    log = LogPage(api, renderer)
    yield from ((f"hub/log/{user}", log), (f"hub/log/{server}", log))
    yield AUTHORIZE, AuthorizePage(hub, renderer, cookies, urls)
    redirects = UserRedirectPage(urls)
    yield from (("hub/user-redirect/{rest:path}", redirects), ("hub/user/{rest:path}", HubUserPage(urls)))
    yield "hub/accept-share", AcceptSharePage(hub, renderer, urls)
    yield "hub/shares", SharesPage(api, renderer)
    yield "hub/shares/{number}/revoke", RevokeInvitation(api, renderer)
    yield "hub/shares/withdraw", WithdrawShare(api, renderer)
    yield "hub/shares/leave", LeaveShare(api, renderer)
    yield "hub/token", TokensPage(api, renderer)
    yield "hub/token/{token}/revoke", RevokeToken(api, renderer)
    yield "hub/account", AccountPage(api, renderer)
    yield "hub/account/sessions", EndSessions(api, renderer)
    yield "hub/account/sessions/{session}", EndSession(api, renderer)
    yield from _administration(api, renderer)
    yield "hub/static/{name}", assets
    yield "hub/health", Health()
    yield "hub/metrics", Metrics(api)


def _administration(api: Api, renderer: Renderer) -> Iterable[tuple[str, object]]:
    yield "hub/admin", AdminServers(api, renderer)
    yield "hub/admin/users", AdminUsers(api, renderer)
    yield f"hub/admin/users/{USER}", AdminUser(api, renderer)
    yield "hub/admin/signups", AdminSignUps(api, renderer)
    yield "hub/admin/groups", AdminGroups(api, renderer)
    yield "hub/admin/groups/{group:group}", AdminGroup(api, renderer)
    yield "hub/admin/services", AdminServices(api, renderer)
    yield "hub/admin/roles", AdminRoles(api, renderer)
    yield "hub/admin/routes", AdminRoutes(api, renderer)
    yield "hub/admin/gateway", AdminGateway(api, renderer)
    yield "hub/admin/traffic", AdminTraffic(api, renderer)
    yield "hub/admin/traffic/{request}", AdminRequest(api, renderer)
    yield "hub/admin/captures", AdminCaptures(api, renderer)
    yield "hub/admin/captures/{capture}", AdminCapture(api, renderer)
    yield "hub/admin/captures/{capture}/{number}", AdminFlow(api, renderer)
    yield "hub/admin/audit", AdminAudit(api, renderer)
    yield "hub/admin/audit/export", AuditExport(api, renderer)
