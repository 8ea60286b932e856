"""The REST API and the HTML pages, as one Falcon ASGI app over a `Hub`.

app            `create_app(hub)`: the whole URL map
paths          names come from the raw path: cut first, each piece decoded once
request        our request class; what the workers' headers say about the client
middleware     who is calling, cross-site defence, response headers
access         `require`: the one place where scopes are checked
xsrf, origin   pure rules against forged requests
errors         an exception becomes a JSON answer or an error page
body, paging, models   JSON in, pages of lists, JupyterHub's shapes out
root, users, servers, progress, tokens   REST resources, one class a noun
pages/         the HTML pages

Import rule: sees `gateway.hub` and the shared values; rows, workers and the
channel are out of reach. Only this package knows Falcon.
"""
