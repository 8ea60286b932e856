"""The REST API and the HTML pages, as one Falcon ASGI app over a `Hub`.

app            `create_app(hub)`: the whole URL map
dialect        the API's two dialects, and all that is different between them everywhere
operation      what a responder declares of itself; `Resource` and what it is made with
openapi        the declarations as OpenAPI 3.1
paths          names come from the raw path: cut first, each piece decoded once
request        our request class; what the workers' headers say about the client
middleware     who is calling, cross-site defence, scopes, response headers
access         `require`: the one place where scopes are checked
xsrf, origin   pure rules against forged requests
errors         an exception becomes a JSON answer or an error page
body, paging   JSON in, pages of lists
streams        answers that go on as server-sent events
resources/     the REST resources, one class a noun
pages/         the HTML pages

Import rule: sees `gateway.hub` and the shared values; rows, workers and the
channel are out of reach. Only this package knows Falcon.
"""
