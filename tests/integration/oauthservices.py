"""Services as JupyterHub's documentation shows them: not ours, and not to be changed."""

TORNADO = """
import json
import os
from urllib.parse import urlparse

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler, authenticated


class WhoAmIHandler(HubOAuthenticated, RequestHandler):
    @authenticated
    def get(self):
        self.set_header("content-type", "application/json")
        self.write(json.dumps(self.get_current_user(), indent=1, sort_keys=True))


prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
app = Application(
    [
        (prefix, WhoAmIHandler),
        (url_path_join(prefix, "oauth_callback"), HubOAuthCallbackHandler),
        (r".*", WhoAmIHandler),
    ],
    cookie_secret=os.urandom(32),
)
url = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
HTTPServer(app).listen(url.port, url.hostname)
IOLoop.current().start()
"""

FLASK = '''
import json
import os
import secrets
from functools import wraps
from urllib.parse import urlparse

from flask import Flask, Response, make_response, redirect, request, session
from jupyterhub.services.auth import HubOAuth

prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
auth = HubOAuth(api_token=os.environ["JUPYTERHUB_API_TOKEN"], cache_max_age=60)
app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)


def authenticated(f):
    """Decorator for authenticating with the Hub via OAuth"""

    @wraps(f)
    def decorated(*args, **kwargs):
        token = session.get("token")
        user = auth.user_for_token(token) if token else None
        if user:
            return f(user, *args, **kwargs)
        state = auth.generate_state(next_url=request.path)
        response = make_response(redirect(auth.login_url + f"&state={state}"))
        response.set_cookie(auth.state_cookie_name, state)
        return response

    return decorated


@app.route(prefix)
@authenticated
def whoami(user):
    return Response(json.dumps(user, indent=1, sort_keys=True), mimetype="application/json")


@app.route(prefix + "oauth_callback")
def oauth_callback():
    code = request.args.get("code", None)
    if code is None:
        return "Forbidden", 403
    arg_state = request.args.get("state", None)
    cookie_state = request.cookies.get(auth.state_cookie_name)
    if arg_state is None or arg_state != cookie_state:
        return "Forbidden", 403
    session["token"] = auth.token_for_code(code)
    next_url = auth.get_next_url(cookie_state) or prefix
    return make_response(redirect(next_url))


url = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
app.run(host=url.hostname, port=url.port)
'''
