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
ends-idle = It will be stopped { $when }, because nobody has used it for a while. Open pages do not count.
ends-age = It will be stopped { $when }: no server may run for longer than { $limit }. Save your work.
keep = Keep it running
keep-server = Keep { $server } running
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
more = More
more-of-server = More about { $server }
restart = Restart
restart-server = Restart { $server }
rename = Rename
rename-server = Rename { $server }
rename-label = Name for people
done-renamed = It has its new name.
shared-with-me = Shared with me
server-of-owner = { $server } of { $owner }
for-looking = for looking only
shared-until = ends { $until }

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

# ── navigation and common words ─────────────────────────────────────────────

admin = Administration
tokens = Tokens
account = Account
account-of = Account of { $user }
user = User
user-name = User name
users-all = All
users-active = With a running server
users-inactive = Without one
server = Server
servers = Servers
default-server = default
service = Service
profile = Profile
state = State
since = Started
last-activity = Last activity
actions = Actions
groups = Groups
group = Group
roles = Roles
routes = Routes
gateway = Gateway
kind = Kind
address = Address
process = Process
path = Path
target = Target
log = Log
search = Search
reload = Reload
show = Show
order = Order by
order-name = name
order-last-activity = last activity
order-id = age
add = Add
save = Save
copy = Copy
copied = Copied
made = Made
used = Last used
expires = Ends
never = never
nothing = nothing
administrator = administrator
disabled = shut out
pages = Pages
pages-of = { $first }–{ $last } of { $total }
previous = Previous
next = Next
log-title = Log of { $server }
log-of = Log of { $server } of { $user }
stop-of = Stop { $server } of { $user }
start-of = Start { $server } of { $user }
open-of = Open { $server } of { $user }

# ── tokens ──────────────────────────────────────────────────────────────────

tokens-title = API tokens
tokens-lead = Programs use the API with a token instead of a password. Give each program its own, with no more than it needs.
tokens-list = Your tokens
tokens-none = You have no tokens.
token-new = New token
token-make = Make token
token-note = What is it for?
token-note-example = backup script
token-no-note = (no note)
token-lasts = How long does it last?
lasts-hour = an hour
lasts-day = a day
lasts-week = a week
lasts-month = 30 days
lasts-year = a year
lasts-never = for ever
token-may = What it may do
token-all = Everything that I may do
token-some = Only this:
token-more = More scopes, with spaces between them
token-made = Your new token
token-once = Copy it now: it is not shown again.
revoke = Revoke
revoke-token = Revoke { $note }
scope-access-servers = Use servers
scope-servers = Start and stop servers, and use the API for them
scope-read-users = Read the account
scope-users-activity = Report activity
scope-tokens = Make and revoke tokens
scope-shares = Share servers
scope-read-shares = See shares
scope-users-shares = See and leave what was shared
scope-read-servers = See servers
scope-start-servers = Start servers
scope-delete-servers = Stop servers
scope-read-tokens = See tokens
scope-access-services = Use services
scope-read-users-name = Read the name
scope-read-users-groups = Read the groups
scope-read-users-activity = See when the account was last used
scope-read-users-shares = See what was shared with the account
done-token-revoked = The token is revoked.

# ── account ─────────────────────────────────────────────────────────────────

account-title = My account
sessions = Logged in
device-unknown = Unknown browser
this-browser = this browser
logged-in = Logged in
seen = Last seen
end-session = Log out { $device }
logout-everywhere = Log out everywhere
done-session-ended = That browser is logged out.

# ── administration ──────────────────────────────────────────────────────────

admin-servers = Servers
admin-servers-title = Servers running now
search-servers = User or server
servers-none = No server is running.
servers-none-found = No running server has that in its name or its user's.
servers-running = Running servers
admin-users = Users
search-users = Name
users-none = There is no such user.
users-new = New users
users-names = Names, one a line or separated by commas
users-make = Make users
done-users-made = The users are made. They can log in once an authenticator knows them.
done-user-removed = The user is removed.
what-can-be-done = What can be done
act-disable = Shut out
act-enable = Let in again
act-make-admin = Make administrator
act-unmake-admin = No longer administrator
act-end-sessions = Log out everywhere
act-revoke-tokens = Revoke all tokens
act-remove = Remove user
sure-remove = Remove { $user } and everything that Hubgate keeps of them?
sure-make-admin = Make { $user } an administrator?
sure-password = This cannot simply be undone. Give your own password once more.
your-password = Your password
done-disable = Shut out: sessions, tokens and connections have ended.
done-enable = Let in again.
done-make-admin = Is an administrator now.
done-unmake-admin = Is no administrator any more.
done-end-sessions = Logged out everywhere.
done-revoke-tokens = All tokens are revoked.
groups-none = There is no group yet.
group-new = New group
group-make = Make group
group-remove = Remove group
members = Members
members-none = Nobody is in this group.
members-add = Add users, separated by commas
members-more = … and { NUMBER($count) } more
member-take = Take { $user } out of the group
done-group-made = The group is made.
done-group-removed = The group is removed.
done-members-changed = The members are changed.
services-lead = Services are set up in the settings file or by the API.
services-none = There are no services.
service-managed = started by the gateway
service-external = at an address
service-up = answers
service-unknown = not checked
roles-lead = Roles are set up in the settings file.
role-holders = Given to
holder-group = group { $name }
holder-service = service { $name }
route-new = New route
route-for = For
route-authenticated = everybody who is logged in
route-admin = administrators
route-public = everybody
route-of-hub = the hub
route-of-server = a user's server
route-of-service = a service
route-of-custom = made by an administrator
route-remove = Remove { $path }
done-route-made = The route is in force.
done-route-removed = The route is removed.
workers = Workers
worker = Worker { $name }, process { $pid }
connected-since = connected { $ago }
workers-none = No worker is connected.
queue = Start queue
queue-empty = Nothing waits to be started.
announcement = Announcement
announcement-text = Shown on every page; leave it empty for none
announcement-until = Until (UTC), or leave it empty
starts = Starts
starts-on = Servers may be started
starts-off = No new starts
starts-reason = Why not, for whoever tries
done-gateway-told = Saved.

# ── traffic and audit ───────────────────────────────────────────────────────

visits = Who was in your servers
visit = { $who } was in { $server }
visits-hint = Others than you, within the last 30 days.
as-administrator = as administrator
traffic = Traffic
traffic-server = Server
traffic-path = Path
traffic-method = Method
traffic-status = Status
traffic-slower = Slower than (s)
traffic-lane = Lane
traffic-look = Look again
traffic-newest = { $number } requests so far
traffic-lost = { NUMBER($count) } could not be kept
traffic-pause = Pause
traffic-live = Live
traffic-paused = Paused
traffic-missed = not shown:
traffic-gone = The connection is interrupted; it is tried again.
traffic-time = Time (UTC)
traffic-took = Took
traffic-sent = Bytes
traffic-none = No request of this kind is in the log.
traffic-hint = A request is shown when it has ended, a WebSocket when it is closed. Secrets in paths are replaced by a hyphen.
captures = Captures
audit = Audit
audit-gateway = the gateway
audit-actor = Who
audit-action = What
audit-subject = To whom or what
audit-detail = More
audit-number = Number
audit-export = Download all
audit-none = Nothing of this kind is in the audit.
audit-newest = Newest
audit-older = Older
audit-hint = Each row is chained to the one before; the command “hubgate audit verify” finds one that was changed or removed.
