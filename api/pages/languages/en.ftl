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
expected = Stops by itself
expected-idle = { $when }, if nobody uses it until then
expected-age = { $when }, whoever uses it
share-server = Share { $server }
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
presets = Presets
preset-keep = Keep this as a preset
preset-name = Name
preset-remove = Remove the preset { $preset }
preset-gone = { $profile } (cannot be started any more)
start-from = Start { $preset }
start-server-from = Start { $server } from { $preset }
done-preset-kept = The preset is kept.
done-preset-removed = The preset is removed.
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
advice = What to try
advice-log = Read the end of the log above: it often says what is missing.
advice-no-log = It has written nothing to its log.
advice-whole-log = See all of the log
advice-other = Choose something else to start, or other options: less memory, another environment.
advice-tell = If it fails again, tell an administrator what stands here; the gateway's own log may know more.
log-empty = Nothing has been written yet.
start-again = Start it again
ended = It ended { $ago }.
ended-by = { $who } stopped it { $ago }.
ended-by-you = You stopped it { $ago }.
choose-start = Choose what to start
try-again = Try again

# ── log-out ─────────────────────────────────────────────────────────────────

logout-title = Log out
logout-question = Log out?
logout-why = A link on another site led here. You are still logged in; nothing has happened.
logout-stay = Stay logged in
logout-done = You are logged out
logout-proxy = The proxy in front of this gateway still knows who you are. To stay logged out, log out there, too, or close the browser.
logout-again = Log in again

# ── sign-up and passwords ───────────────────────────────────────────────────

signups = Sign-ups
signups-none = Nobody waits for an account.
asked = Asked
approve = Let in
approve-of = Let { $user } in
refuse = Turn down
refuse-of = Turn { $user } down
set-password = Set a password
set-password-why = For somebody who has lost theirs. They are logged out everywhere, and should change it at once.
new-password = New password
old-password = Old password
same-again = The same again
change-password = Change the password
password-changed = Your password is changed
password-changed-why = Wherever else you were logged in, you are not any more. Tokens that you have made still work.
signup = Ask for an account
signup-open = Make an account
signup-thanks = Thank you
signup-waiting = If this name is free, an administrator will decide about it. Until then you cannot log in. Nobody will write to you: try again later.
signup-made = Your account is there
signup-have = I have one
to-login = To the log-in page
done-signup-approved = The account is made; its owner can log in.
done-signup-refused = The request is gone.
done-password-set = The password is set, and the user is logged out everywhere.

# ── errors ──────────────────────────────────────────────────────────────────

error-400 = That cannot be understood
error-401 = Log in first
error-403 = This is not yours to use
error-404 = There is nothing here
error-405 = That is not possible here
error-408 = That took too long
error-409 = Not right now
error-410 = This is gone
error-413 = That is too large
error-414 = The address is too long
error-415 = That cannot be read
error-424 = The server is not running
error-429 = Too much at once
error-431 = The browser sends too much
error-500 = The fault is ours
error-502 = The answer makes no sense
error-503 = Not available right now
error-504 = No answer came in time
error-other = Something went wrong
move-400 = Go back, put it right and try again. If you followed a link, whoever gave it to you can give you a better one.
move-401 = Log in, then try again.
move-403 = If you should have it, ask its owner or an administrator.
move-404 = Check the address for a typing error. What is not yours to see looks the same as what does not exist.
move-405 = Go to your home page and begin there.
move-408 = Check your connection, then try again.
move-409 = Reload the page to see how things are now, then try again.
move-410 = Ask whoever gave you the link for a new one.
move-413 = Send less at once, or ask an administrator for a higher limit.
move-414 = Shorten what comes after the question mark, or begin at your home page.
move-415 = Send it in another form. From our own pages this does not happen; if it does, tell an administrator.
move-424 = Start it on your home page, or ask its owner to.
move-429 = Wait a little, then try again.
move-431 = Delete this site's cookies in your browser, then log in again.
move-500 = It has been written down. You can try again; if it stays so, tell an administrator.
move-502 = Try again in a moment. If it stays so, restart the server on your home page.
move-503 = Nothing is lost. Try again in a moment; if it stays so, tell an administrator.
move-504 = Try again in a moment. If it stays so, restart the server on your home page.
move-other = Go back and try again. If it stays so, tell an administrator.
error-reference = An administrator finds this request in the access log by its number:
login = Log in
login-with = Log in with { $way }
login-by-proxy = Whoever comes by the proxy in front of this gateway is logged in by itself. In this request it named nobody.
password = Password

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
log-mine = Log of my server
log-default = Log of the server
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

# ── shares ──────────────────────────────────────────────────────────────────

shares-title = Sharing
shares-mine = Shared with you
shares-mine-none = Nobody shares a server with you.
shares-guests = Shared by you
shares-guests-none = You share nothing.
share-what = Allows
share-use = to use it
share-view = to look on
share-used = Accepted
share-link = Link
share-by-group = by a group
share-leave = Leave
share-leave-of = Leave the server of { $owner }
share-open-of = Open the server of { $owner }
share-revoke-of = Revoke what { $who } has
share-new = Share a server
share-risk = Who uses your server runs code as you, with your files. Its pages act in your guests' browsers. Share with people whom you would let sit at your keyboard.
share-with = With whom?
share-with-code = Whoever has the link and can log in
share-with-user = A user
share-with-group = A group
share-who = Name of the user or group
share-view-only = View only: files and running output are seen, nothing runs and nothing changes
share-lasts = How long?
share-uses = How many people? (empty: any number)
share-path = Only this path of the server (empty: all of it)
share-make = Share
share-made = Your invitation
share-once = Send this link to whom you invite. Copy it now: it is not shown again.
share-off = You may not share servers. An administrator can allow it: [sharing] users_may_share.
done-share-made = It is shared.
done-share-revoked = It is not shared any more: open connections have ended.
done-share-left = You have left it.

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
see-also = Of this user
what-can-be-done = What can be done
act-disable = Shut out
act-enable = Let in again
act-make-admin = Make administrator
act-unmake-admin = No longer administrator
act-end-sessions = Log out everywhere
act-revoke-tokens = Revoke all tokens
act-remove = Remove user
sure-remove = Remove { $user } and everything that Hubgate keeps of them?
sure-disable = Shut { $user } out? Servers stop, sessions and tokens are gone for good.
sure-revoke-tokens = Revoke all tokens of { $user }? Programs that use them no longer get in.
sure-make-admin = Make { $user } an administrator?
sure-password = This cannot simply be undone. Give your own password once more.
sure-log-in = This cannot simply be undone. You have no password here, so a log-in of the last five minutes counts: log in again, then do it once more.
sure-recent = This cannot simply be undone.
log-in-again = Log in again
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
members-add = Add users
sure-group-remove = Remove the group { $group }?
sure-group-members =
    { $count ->
        [0] Nobody is in it.
        [one] One user loses what the group allows.
       *[other] { NUMBER($count) } users lose what the group allows.
    }
members-more = … and { NUMBER($count) } more
member-take = Take { $user } out of the group
done-group-made = The group is made.
done-group-removed = The group is removed.
done-members-changed = The members are changed.
services-lead = Services are set up in the settings file or by the API.
services-none = There are no services.
service-managed = started by the gateway
service-external = at an address
service-calls = calls the API
service-up = Answers
service-unknown = Not checked
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
starts-off = No new starts; what runs goes on
starts-drain = No new starts; what runs ends when nobody has used it for five minutes
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
traffic-counted = Of the last { $number }:
traffic-refused = refused or not found (4xx)
traffic-failed = failed (5xx)
traffic-slow = slower than a second
traffic-touched = through mitmproxy’s layer (flow lane)
traffic-record = Record these
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

# ── scopes that only some have, and who asks for them ─────────────────────────
authorize-title = Permission
authorize-heading = Go on to { $client }?
authorize-service = The service { $service } wants to know who you are. You are logged in as { $user }.
authorize-server = A server of { $owner } wants to know who you are. You are logged in as { $user }.
authorize-nothing = It will learn your name and your groups, and nothing more.
authorize-wishes = It will learn your name and your groups, and may do what is marked here in your name:
authorize-trust = The pages of this server are its owner's. While they are open they can act in this browser as you.
authorize-site = You will be sent to another site: { $site }
authorize-yes = Yes, go on
authorize-no = No, go home
scope-inherit = Do everything that you may do
scope-self = Do everything with your account and servers
scope-admin-ui = Open the pages for administrators
scope-admin-users = Make, change and remove users
scope-admin-auth-state = Read and change what is kept of log-ins
scope-users = Read and change users
scope-delete-users = Remove users
scope-list-users = List users
scope-read-roles = See who has which roles
scope-read-roles-users = See which roles users have
scope-read-roles-services = See which roles services have
scope-read-roles-groups = See which roles groups have
scope-admin-servers = Start and stop servers, and see all that is kept of them
scope-admin-server-state = See and change what is kept of servers
scope-admin-groups = Make, change and remove groups
scope-groups = See groups and change who is in them
scope-list-groups = List groups
scope-read-groups = See groups
scope-read-groups-name = See names of groups
scope-delete-groups = Remove groups
scope-admin-services = Make, see and remove services
scope-list-services = List services
scope-read-services = See services
scope-read-services-name = See names of services
scope-read-hub = See how the gateway is set up
scope-groups-shares = See and end what was shared with groups
scope-read-groups-shares = See what was shared with groups
scope-proxy = See and change where addresses lead
scope-shutdown = End the gateway
scope-read-metrics = Read the gateway's figures
scope-admin-traffic-unredacted = Record traffic without hiding secrets
scope-admin-traffic = Record requests
scope-read-traffic = Read recorded requests
scope-read-audit = Read who did what
captures-lead = Whole requests of a user, a server or a path, recorded for a reason. Cookies, tokens and passwords are hidden.
captures-none = Nothing was recorded.
capture = Capture
capture-new = Start a capture
capture-reason = Reason
capture-path = Path, or what lies below it
capture-filter = Filter, in mitmproxy’s language
capture-minutes = Minutes
capture-megabytes = Megabytes
capture-start = Start
capture-told = Those concerned see on their own page that they are recorded, by whom and why. It stands in the audit.
capture-running = Recording
capture-over = Ended
capture-until = ends { $time }
capture-ended = ended: { $why }
capture-flows =
    { NUMBER($count) ->
        [one] 1 request
       *[other] { NUMBER($count) } requests
    }
capture-dropped = { NUMBER($count) } could not be kept
capture-unredacted = with secrets
capture-nothing-hidden = Nothing is hidden in this capture: cookies, tokens and passwords stand in it as they were. Whoever has them is the person they belong to.
capture-empty = Nothing has come yet.
capture-download = Download as { $form }
capture-stop = Stop
capture-delete = Delete
capture-reconnect = Reconnect open WebSockets
done-capture-stopped = The capture has ended.
done-capture-reconnected = Open WebSockets were cut; they come back recorded.
done-capture-deleted = The capture is deleted.
request-unanswered = none, the client was gone
request-sent = Sent to the client
request-received = Received
request-worker = Worker
request-heads = The log keeps no headers and no bodies. A capture does.
request-record = Record what comes next
request-around = At the same time
request-offset = Began
flow-kinds = Show
flow-all = All
flow-kind-websocket = WebSockets
flow-kind-failed = Failed
flow-kind-slow = Slower than a second
flow-type = Type
flow-messages = WebSocket, { NUMBER($count) } messages
flow-client = Address
flow-route = Route
flow-id = Id
flow-times = Where the time went
flow-send = sent in
flow-wait = waited
flow-receive = received in
flow-request = Request
flow-response = Answer
flow-headers = Headers
flow-conversation = Conversation
flow-sent = from the browser
flow-came = from the server
flow-whole = The whole message
flow-ended = The WebSocket was closed.
body-cut = the beginning only
body-omitted = not recorded:
recording = { $who } records requests of yours: “{ $reason }”.
recording-until = It ends { $time }.
recording-hidden = Cookies, tokens and passwords are hidden.
recording-bare = Nothing is hidden: what you type and your cookies, tokens and passwords are recorded as they are.
recorded = Who recorded your requests
recorded-by = { $who }: { $reason }

# ── invitations ─────────────────────────────────────────────────────────────

nav-shares = Shares
invitation = An invitation
invited = { $owner } invites you to their server at { $address }
invited-to-server = { $owner } invites you to the server { $server } at { $address }
invitation-stopped = The server does not run at the moment. Its owner can start it.
invitation-path = It is about { $path } on this server, and nothing else of it.
invitation-view = You will be allowed to look on: to see files, and the output of code that others run. You cannot run code, change files or open terminals.
invitation-use = You will be allowed to use it.
invitation-scopes = You will be allowed, on this server only:
invitation-risk = Its pages are its owner's. While they are open they can act in this browser as you. Accept only from somebody you trust.
invitation-accept = Accept

# ── errors that the hub names by a key; its own words for them are English ──

said-pages-only = Pages of the hub are opened by people, not by scripts or frames.
said-not-our-form = This form is not ours, or it is out of date. Go back, reload the page and try again.
said-login-form = Login form invalid or expired. Try again.
said-login-refused = Invalid username or password
said-login-away = Log-in does not work at the moment
said-login-stale = This log-in was not begun in this browser, or it has taken too long. Please begin again.
said-login-not-proven = The provider did not confirm who you are. Please begin again.
said-login-often = Too many log-ins from this address; try again in a moment
said-login-crowd = Too many people are logging in at this moment; try again
said-not-for-you = You are { $who }, who may not use this gateway. An administrator can change that.
said-password-same = The new password is the old one.
said-password-wrong = The old password is not right.
said-password-short = A password must have at least { $least } characters.
said-passwords-differ = The two passwords differ.
said-passwords-elsewhere = Passwords are not kept here.
said-signup-closed = Nobody can sign up here. An administrator makes accounts.
said-signup-often = Too many accounts were asked for from this address.
said-signup-full = No more accounts can be asked for at the moment; try again another day.
said-signup-name = A user name must have 1 to 64 characters a-z, 0-9 and . _ @ + -, and begin with a letter or digit.
said-signup-taken = This name cannot be had. Please choose another one.
said-for-administrators = This is for administrators.
said-no-server = There is no such server.
said-no-user = There is no such user.
said-no-token = There is no such token.
said-no-profile = There is no profile that you may start.
said-one-server = There is only one server for each user here.
said-option-boolean = { $option } must be true or false
said-option-number = { $option } must be a number
said-option-whole = { $option } must be a whole number
said-option-least = { $option } must be at least { NUMBER($least, maximumFractionDigits: 9) }
said-option-most = { $option } must be at most { NUMBER($most, maximumFractionDigits: 9) }
said-option-step = { $option } must be { NUMBER($first, maximumFractionDigits: 9) } or a multiple of { NUMBER($step, maximumFractionDigits: 9) } more
said-option-choice = { $option } must be one of: { $known }
said-option-text = { $option } must be a text
said-option-control = { $option } must not contain control characters
said-option-long = { $option } must have at most { $most } characters
said-option-short = { $option } must have at least { $least } characters
said-option-empty = { $option } must not be empty
said-option-form = { $option } does not have the right form
said-option-flag = { $option } must not begin with “-”
said-option-unknown = { $option } is no option of { $profile }; there are: { $known }
said-queue-full =
    { NUMBER($count) ->
        [one] One server waits to be started already; try again later.
       *[other] { NUMBER($count) } servers wait to be started already; try again later.
    }
said-name-length = A name must have 1 to { $most } characters.
said-name-spaces = A name must be printable, without spaces at its ends and without two in a row.
said-no-preset = You have no preset “{ $name }”.
said-preset-long = A preset's name must not be longer than { $most } characters.
said-presets-full = There are { $most } presets already; remove one that you do not need.
said-presets-own = Presets are for one's own servers.
said-share-incomplete = The link is not complete: its code is missing.
said-share-gone = This share is not known, or it has expired.
said-share-self = You can't share with yourself.
said-share-invalid = This code is unknown, expired or used up.
said-share-whom = Say who it is for: whoever has the link, or the name of a user or of a group.
said-share-lasts = Choose how long it lasts; a link must end some time.
said-share-uses = How many people may use the link must be a number.
said-share-api = What lies at api/ can be shared view only: calls there reach other paths too. Share a folder as files/…, or the whole server.
said-share-not-yours = You may not share this server.
said-token-nothing = Choose at least one thing that the token may do.
said-token-lasts = Choose how long the token lasts.
said-scope-missing = You may not do this. It needs one of these scopes: { $scopes }.
said-only-admins = Only an administrator can do this to an administrator, or make somebody one.
said-not-oneself = This cannot be done to oneself; another administrator can do it.
said-not-your-password = That is not your password.
said-login-too-old = Your log-in is too long ago for this. Log in again, then do it once more.
said-login-ended = This log-in has just ended.
said-password-long = A password must not be longer than { $most } bytes.
said-password-weak =
    { $why ->
        [REPEATED] A password must not repeat the same few characters.
        [NAME] A password must not be made of the user name.
       *[COMMON] A password must not be one of those that many people use.
    }
said-name-empty = A name must not be empty.
said-name-bytes = A name must not be longer than { $most } bytes.
said-name-dots = A name must not consist of dots only.
said-name-signs = A name must not contain “/”, “%”, “\”, “;”, control or format characters.
said-group-name-ends = A group's name must not be empty, begin or end with a space, or consist of dots only.
said-group-name-signs = A group's name must not contain control or format characters.
said-server-name = A server's name must have 1 to { $most } characters a-z, 0-9 and single “-”, begin with a letter and end with a letter or digit.
said-names-count = Put in 1 to { $most } names.
said-users-exist = All of these users exist already.
said-user-exists = There is a user “{ $name }” already.
said-names-wrong = These cannot be names: { $names }. A name must not be longer than { $most } bytes, consist of dots only, or contain “/”, “%”, “\”, “;”, control or format characters.
said-unknown-users = There are no such users: { $names }.
said-unknown-user = There is no user “{ $name }”.
said-no-group = There is no such group.
said-group-exists = There is a group “{ $name }” already.
said-no-signup = Nobody has asked for an account of that name.
said-text-long = At most { $most } characters.
said-end-over = This end is over already: it is now { $now } UTC.
said-paused = No servers are started at the moment.
said-paused-why = No servers are started at the moment: { $why }
said-no-moment = The end must be a date and a time.
said-no-route = There is no route for { $path }.
said-route-exists = There is a route for { $path } already.
said-routes-full = There are { $most } routes already, and no more are allowed.
said-route-slash = The path must begin with “/”.
said-route-long = The path must not be longer than { $most } characters.
said-route-root = The path must not be “/”: that is the gateway's own.
said-route-deep = The path must not have more than { $most } segments.
said-route-reserved = The path must not be at or under “/{ $path }”: that is the gateway's own.
said-route-double = The path must not hold “//”.
said-route-dots = The path must not hold the segments “.” and “..”.
said-route-signs = The path must not hold “%”, “\”, “;”, “?”, “#”, an escaped “/”, control or format characters.
said-route-target = The target must be an address such as http://10.0.0.5:9000, with no path.
said-route-nowhere =
    { $why ->
        [GATEWAY] { $target } is no target for a route: it is the gateway itself.
        [SERVER] { $target } is no target for a route: it is somebody's server.
        [THIS_MACHINE] { $target } is no target for a route: it stands for the gateway's own machine.
       *[OUT_OF_BOUNDS] { $target } is no target for a route: link-local and multicast addresses are out of bounds.
    }
said-no-capture = There is no such capture.
said-no-request = This request is not here, or not any more.
said-captures-running = { $most } captures run already; stop one first.
said-captures-full = There is no room for it beside the captures that are kept; delete some first.
said-capture-over = This capture has ended.
said-capture-whom = Say whom or what to record: a user, a server or a path.
said-capture-path = The path must begin with a slash, in plain text: no percent signs for letters.
said-capture-server = The server must be “user/” or “user/name”.
said-capture-reason = The reason must have 1 to { $most } characters, on one line: the users concerned can read it.
said-capture-minutes = A capture lasts 1 to { $most } minutes.
said-capture-size = A capture has 1 to { $most } megabytes.
said-capture-number =
    { $what ->
        [Minutes] The minutes must be a whole number.
       *[Megabytes] The megabytes must be a whole number.
    }
said-filter-length = The filter must have 1 to { $most } characters.
said-filter-unexpected = The filter is wrong: “{ $what }” is not expected here.
said-filter-quote = The filter is wrong: a quotation mark has no partner.
said-filter-parenthesis = The filter is wrong: a parenthesis has no partner.
said-filter-end = The filter is wrong: something is missing at its end.
said-filter-deep = The filter is wrong: it has more than { $most } levels.
said-filter-pattern = The filter is wrong: { $name } needs a pattern.
said-filter-no-pattern = The filter is wrong: “{ $pattern }” is no pattern, or too large a one.
said-filter-status = The filter is wrong: ~c needs a status such as 404.
said-filter-unknown = The filter is wrong: there is no { $name } here; there are { $known }
said-log-filter = There is no filter “{ $name }”; there are { $known }.
said-log-length = “{ $name }” must have 1 to { $most } characters.
said-log-status = The status must be a number such as 404 or a class such as 4xx.
said-log-lane = The lane must be one of { $known }.
said-log-zone = “{ $name }” needs a time zone, such as Z for UTC.
said-log-seconds = “{ $name }” must be a number of seconds.
said-start-waited = It waited too long for its turn.
said-start-slow = The server was not started within { $seconds } seconds.
said-start-mute = The server did not answer within { $seconds } seconds.
said-start-not-killed = It could not be killed; an administrator should look for what is left of it.
said-start-internal = An internal error of the gateway; its log tells more.
said-start-ended = The server ended before it answered (exit code { $code }).
said-start-lost = The server ended while it was being started.
said-start-unwritten = The gateway's database cannot be written.
said-start-unfound = The server could not be found again after a restart of the gateway.
said-start-nowhere = The spawner did not say where the server answers.
said-start-needs-root = Servers of system users ([spawner.local] user = "system") need a gateway that runs as root.
said-start-no-account = This machine has no user “{ $name }”, whose server it would be.
said-start-near-account = This machine has no user “{ $name }”; the nearest is “{ $near }”.
said-start-system-account = “{ $name }” is an account of the system itself, which may not have servers.
said-start-prepared = The server could not be prepared: pre_start ended with exit code { $code }.
said-start-cgroup-memory = The control group { $group } cannot limit memory.
said-start-cgroup-entered = The server's control group cannot be entered: { $why }
said-start-cgroup-made = The server's control group cannot be made: { $why }
said-start-open = The server answers without its secret. If its profile “{ $profile }” is to need none, the profile must say auth = "none".
said-start-unheard = The server does not listen on port { $port }, which it was given.
said-start-other = Another process answers on port { $port }, which was given to the server.
said-start-silent = The server stopped answering while it was checked: { $why }
said-start-command = { $what } ({ $command }) cannot be run: { $why }
said-start-no-command = The server's command was not found: { $command }
said-start-not-executable = The server's command is not executable: { $command }
said-start-no-folder = The server's working directory does not exist: { $folder }
said-start-folder = The server's working directory may not be entered: { $folder }
said-start-interpreter = { $command } cannot be run: the interpreter that its first line names is missing.
said-start-unrun = { $command } cannot be run: { $why }
said-start-log-opened = The server's log cannot be opened: { $why }
said-start-log-written = The server's log cannot be written: { $why }
said-start-limit = The profile's { $limit } is above the gateway's own limit, which is { $most }.
said-start-no-id = A start needs an id, by which its processes can be found again.
said-start-no-words = The profile's command is empty.
said-start-no-secret = The server has no secret to ask for.
said-start-name-flag = The user's name begins with “-”, and the command would take it for a flag.
said-start-placeholder = The profile has the unknown placeholder { $name }; known are { $known }
said-start-no-port = There is no free port on this machine.
said-server-ended = The server ended by itself (exit code { $code }).
said-server-lost = The server ended while the gateway was away.
said-server-not-running = The server is not running.
said-gateway-stopped = The gateway was stopped.
said-stopped-idle = It was stopped because nobody had used it for { AMOUNT($count, $unit) }.
said-stopped-age = It was stopped because it had run for { AMOUNT($count, $unit) }, which is as long as it may.
said-login-locked =
    { NUMBER($minutes) ->
        [one] Too many failed log-ins; try again in 1 minute
       *[other] Too many failed log-ins; try again in { $minutes } minutes
    }
said-no-way-in = There is no such way to log in.
said-no-session = There is no such log-in, or not any more.
said-no-action = This form does not offer that.
said-no-file = There is no such file.
said-for-people = This is for people.
said-no-share = There is no such share, or not any more.
said-share-many = The number of uses must be 1 to { $most }.
said-share-whole = This server asks who comes and knows only who may use all of it: share it as a whole.
said-share-often = Too many codes were tried in vain; try again in a moment.
said-share-path = The path must be one below the server, like files/plots: no empty, “.” or “..” segments, and no “?”, “#”, “;”, “\” or encoded “/” in it.
said-share-deep = The path must have at most { $characters } characters and { $segments } segments.
said-shares-full = A server cannot have more than { $most } invitations; withdraw some first.
said-unknown-group = There is no group “{ $name }”.
said-token-scopes = At most { $most } scopes.
said-gateway-stopping = The gateway is being stopped.
said-server-active = The server must be stopped for that.
said-servers-active = First stop the user's servers.
said-server-exists = There is a server “{ $name }” already.
said-servers-full = There are { $most } named servers already, and no more are allowed; remove one first.
said-not-for-them = { $who } may not use this gateway.
said-unknown-profile = There is no profile “{ $name }”; there are: { $known }
