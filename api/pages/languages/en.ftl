# What the pages say in English: the reference. Every other language has the same messages.

# ── around the content ──────────────────────────────────────────────────────

skip = Skip to content
navigation = Account
nav-home = Home
nav-logout = Log out
home = Home
back = Back
cancel = Cancel
start = Start
just-now = just now
my-server = My server
the-server = The server
server-of = A server of { $owner }

# ── home ────────────────────────────────────────────────────────────────────

home-title = My servers
state-stopped = Stopped
state-starting = Starting
state-ready = Running
state-stopping = Stopping
started = started { $ago }
last-used = last used { $ago }
open = Open
stop = Stop
remove = Remove
show-progress = Show progress
what-happened = What happened?
open-server = Open { $server }
stop-server = Stop { $server }
start-server = Start { $server }
remove-server = Remove { $server }
cancel-server = Cancel the start of { $server }
progress-of-server = Progress of { $server }
what-happened-to-server = What happened to { $server }?
another-server = Another server
another-server-example = name
another-server-rule = a–z, 0–9 and single hyphens; begins with a letter, at most 30 characters
set-up = Set up
services = Services
service-down = Does not answer at the moment

# ── start ───────────────────────────────────────────────────────────────────

spawn-title = Start a server
spawn-server = Start { $server }
spawn-mine = Start my server
spawn-nothing = There is nothing that may be started here. An administrator can change that.
spawn-everything = Everything that can be started
spawn-form-wrong = Something in the form has to be put right.

# ── progress, and what has stopped ──────────────────────────────────────────

starting-title = Starting
is-starting = { $server } is starting
progress = Progress
server-requested = Server requested
queue-position = Number { $position } in the queue
so-far = What has happened so far
goes-on = This page goes on to the server by itself.
stopping-title = Stopping
is-stopping = { $server } is stopping
again-soon = It can be started again in a moment.
failed-title = Start failed
could-not-start = { $server } could not start
stopped-title = Not running
is-not-running = { $server } is not running
log-tail = The last lines of its log
choose-start = Choose what to start
try-again = Try again

# ── log-out ─────────────────────────────────────────────────────────────────

logout-title = Log out
logout-question = Log out?
logout-why = A link on another site led here. You are still logged in; nothing has happened.
logout-stay = Stay logged in

# ── errors ──────────────────────────────────────────────────────────────────

error-400 = That cannot be understood
error-403 = This is not yours to use
error-404 = There is nothing here
error-405 = That is not possible here
error-409 = Not right now
error-413 = That is too large
error-415 = That cannot be read
error-429 = Too much at once
error-503 = Not available right now
error-other = Something went wrong
error-ours = The fault is ours, and it has been written down.
error-reference = An administrator finds it by this number:
login = Log in

# ── the API's page ──────────────────────────────────────────────────────────

docs-title = The API
docs-as = As
docs-sends = Sends
docs-shapes = Shapes
