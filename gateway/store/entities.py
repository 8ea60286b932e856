"""The tables, as Pony entities. The migrations make them; a test compares the two.

Times are POSIX seconds. Columns named `…_json` hold JSON as text. Of sessions
and tokens only SHA-256 digests are kept. No other file names a Pony attribute
type, and no entity leaves the store.
"""

from __future__ import annotations

from typing import Any

from pony.orm import Database, LongStr, Optional, PrimaryKey, Required, Set, composite_key

# Pony strips text unless told otherwise; what is kept must be what was given.
NAME: dict[str, Any] = {"sql_type": "TEXT", "autostrip": False}
TEXT: dict[str, Any] = {"autostrip": False}


def define_entities(db: Database) -> None:
    """Declare every table on `db`."""
    _people(db)
    _credentials(db)
    _oauth(db)
    _servers(db)
    _shares(db)
    _gateway(db)


def _people(db: Database) -> None:
    class User(db.Entity):
        _table_ = "users"
        name = Required(str, unique=True, **NAME)
        admin = Required(bool)
        disabled = Required(bool)
        removing = Required(bool)
        created = Required(float)
        last_activity = Optional(float, index="idx_users__last_activity")
        groups = Set("Group", table="group_users", column="group_id")
        roles = Set("Role", table="role_users", column="role_id")
        sessions = Set("Session")
        tokens = Set("Token", cascade_delete=True)
        oauth_codes = Set("OAuthCode")
        servers = Set("Server")
        presets = Set("Preset")
        shares = Set("Share")
        grants = Set("Grant", cascade_delete=True)

    class Group(db.Entity):
        _table_ = "groups"
        name = Required(str, unique=True, **NAME)
        properties_json = Optional(LongStr, nullable=True)  # none is {}
        users = Set("User", column="user_id")
        roles = Set("Role", table="role_groups", column="role_id")
        grants = Set("Grant", cascade_delete=True)

    class Service(db.Entity):
        _table_ = "services"
        name = Required(str, unique=True, **NAME)
        url = Optional(LongStr, **TEXT)
        admin = Required(bool)
        created = Required(float)
        from_settings = Optional(bool)
        details_json = Optional(LongStr, nullable=True)
        process_json = Optional(LongStr, nullable=True)
        token_digest = Optional(str, nullable=True, **NAME)
        roles = Set("Role", table="role_services", column="role_id")
        tokens = Set("Token", cascade_delete=True)
        oauth_clients = Set("OAuthClient", cascade_delete=True)

    class Role(db.Entity):
        _table_ = "roles"
        name = Required(str, unique=True, **NAME)
        description = Optional(LongStr, **TEXT)
        scopes_json = Required(LongStr)
        users = Set("User", column="user_id")
        groups = Set("Group", column="group_id")
        services = Set("Service", column="service_id")


def _credentials(db: Database) -> None:
    class Session(db.Entity):
        _table_ = "sessions"
        digest = Required(str, unique=True, **NAME)
        user = Required("User", column="user_id")
        created = Required(float)
        expires_at = Required(float, index="idx_sessions__expires_at")
        last_seen = Required(float)
        address = Optional(LongStr, **TEXT)
        device = Optional(LongStr, **TEXT)
        authenticator = Optional(LongStr, nullable=True, **TEXT)  # none: a row older than this column
        bound = Optional(LongStr, nullable=True, **TEXT)
        memory_json = Optional(LongStr, nullable=True)
        refresh_at = Optional(float, index="idx_sessions__refresh_at")
        tokens = Set("Token", cascade_delete=True)
        oauth_codes = Set("OAuthCode")

    class SignUp(db.Entity):
        """An account that somebody has asked for."""

        _table_ = "sign_ups"
        name = Required(str, unique=True, **NAME)
        authenticator = Required(LongStr, **TEXT)
        kept_json = Required(LongStr)
        address = Optional(LongStr, **TEXT)
        created = Required(float)

    class Token(db.Entity):
        _table_ = "tokens"
        digest = Required(str, unique=True, **NAME)
        prefix = Optional(LongStr, **TEXT)
        user = Optional("User", column="user_id")
        service = Optional("Service", column="service_id")
        scopes_json = Required(LongStr)
        note = Optional(LongStr, **TEXT)
        created = Required(float)
        expires_at = Optional(float, index="idx_tokens__expires_at")
        last_used = Optional(float)
        session = Optional("Session", column="session_id")
        client = Optional("OAuthClient", column="client_id")


def _oauth(db: Database) -> None:
    class OAuthClient(db.Entity):
        """Who may ask for tokens: a user's server while it runs, or a service, whose own token is its secret."""

        _table_ = "oauth_clients"
        identifier = Required(str, unique=True, **NAME)
        server = Optional("Server", column="server_id")
        service = Optional("Service", column="service_id")
        secret_digest = Optional(str, nullable=True, **NAME)
        description = Optional(LongStr, **TEXT)
        redirect_uri = Required(LongStr, **TEXT)
        scopes_json = Required(LongStr)
        no_confirm = Required(bool)
        created = Required(float)
        tokens = Set("Token", cascade_delete=True)
        codes = Set("OAuthCode")

    class OAuthCode(db.Entity):
        """What a user agreed to, until the client comes for its token; `token_digest` is of that."""

        _table_ = "oauth_codes"
        digest = Required(str, unique=True, **NAME)
        client = Required("OAuthClient", column="client_id")
        user = Required("User", column="user_id")
        session = Required("Session", column="session_id")
        redirect_uri = Required(LongStr, **TEXT)
        scopes_json = Required(LongStr)
        challenge = Optional(LongStr, **TEXT)
        challenge_method = Optional(LongStr, **TEXT)
        expires_at = Required(float, index="idx_oauth_codes__expires_at")
        token_digest = Optional(str, nullable=True, **NAME)


def _servers(db: Database) -> None:
    class Server(db.Entity):
        _table_ = "servers"
        user = Required("User", column="user_id")
        slot = Required(str, **NAME)  # the name after a "/": Pony takes no empty text into a key
        state = Required(str, index="idx_servers__state", **NAME)
        generation = Required(int, size=64)
        display_name = Optional(LongStr, **TEXT)
        profile = Optional(LongStr, **TEXT)
        options_json = Required(LongStr)
        start_id = Optional(LongStr, **TEXT)
        secret = Optional(LongStr, **TEXT)
        target_json = Required(LongStr)
        created = Required(float)
        started = Optional(float)
        last_activity = Optional(float)
        message = Optional(LongStr, **TEXT)
        said_json = Optional(LongStr, nullable=True)  # none is None
        shares = Set("Share")
        grants = Set("Grant")
        oauth_clients = Set("OAuthClient", cascade_delete=True)
        composite_key(user, slot)

    class Preset(db.Entity):
        """Options of a start that somebody keeps under a name."""

        _table_ = "presets"
        user = Required("User", column="user_id")
        name = Required(str, **NAME)
        profile = Required(LongStr, **TEXT)
        options_json = Required(LongStr)
        composite_key(user, name)


def _shares(db: Database) -> None:
    class Share(db.Entity):
        """An invitation; `code_digest` is of the code that a guest brings, if there is one."""

        _table_ = "shares"
        owner = Required("User", column="owner_id")
        server = Required("Server", column="server_id")
        handler = Required(str, **NAME)
        code_digest = Optional(str, unique=True, nullable=True, **NAME)
        code_prefix = Optional(LongStr, **TEXT)
        scopes_json = Required(LongStr)
        options_json = Required(LongStr)
        created = Required(float)
        expires_at = Optional(float)
        uses = Required(int)
        last_used = Optional(float)
        grants = Set("Grant", cascade_delete=True)

    class Grant(db.Entity):
        """What one user or group got; `share` is the invitation it came from."""

        _table_ = "grants"
        server = Required("Server", column="server_id")
        share = Optional("Share", column="share_id")
        user = Optional("User", column="user_id")
        group = Optional("Group", column="group_id")
        scopes_json = Required(LongStr)
        view_only = Required(bool)
        path = Optional(LongStr, nullable=True, **TEXT)  # none: the whole server
        created = Required(float)
        expires_at = Optional(float)


def _gateway(db: Database) -> None:
    class CustomRoute(db.Entity):
        _table_ = "custom_routes"
        path = Required(str, unique=True, **NAME)
        target = Required(LongStr, **TEXT)
        created = Required(float)
        access = Optional(LongStr, nullable=True, **TEXT)  # none: a row older than this column

    class Notice(db.Entity):
        _table_ = "notices"
        name = PrimaryKey(str, **NAME)
        value_json = Required(LongStr)

    class Audit(db.Entity):
        _table_ = "audit"
        time = Required(float)
        actor = Optional(LongStr, **TEXT)
        action = Required(LongStr, index="idx_audit__action", **TEXT)
        subject = Optional(LongStr, **TEXT)
        detail = Optional(LongStr, **TEXT)
        chain = Optional(LongStr, nullable=True, **TEXT)

    class AuditHead(db.Entity):
        """One row: how long the chain of `audit` is, and its last link. Rows up to `unchained` are older than it."""

        _table_ = "audit_head"
        id = PrimaryKey(int)
        length = Required(int, size=64)
        chain = Optional(LongStr, **TEXT)
        unchained = Required(int)

    class PluginData(db.Entity):
        _table_ = "plugin_data"
        plugin = Required(str, **NAME)
        key = Required(str, **NAME)
        value_json = Required(LongStr)
        PrimaryKey(plugin, key)

    class Key(db.Entity):
        _table_ = "keys"
        name = PrimaryKey(str, **NAME)
        value = Required(LongStr, **TEXT)

    class SigningKey(db.Entity):
        _table_ = "signing_keys"
        created = Required(float)
        private_key = Required(LongStr, **TEXT)

    class Revision(db.Entity):
        """One row: the number of the last change."""

        _table_ = "revision"
        id = PrimaryKey(int)
        value = Required(int, size=64)

    class Change(db.Entity):
        """What changed at which revision; both names empty = anything may have."""

        _table_ = "changes"
        revision = PrimaryKey(int, size=64)
        time = Required(float)
        owner = Optional(LongStr, **TEXT)
        digest = Optional(LongStr, **TEXT)
