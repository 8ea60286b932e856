"""Users as they are shown: with groups, roles and servers, a page of them in four statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.accounts import Account, UserQuery
from gateway.model import Server
from gateway.store import servers, users, values
from gateway.store.work import Row, Snapshot, marks, reads

AT_ONCE = 500
"""Values in one `IN (…)`."""
# Two ranges instead of `<>`, so that the index is of use.
_RUNNING = "SELECT s.user_id FROM servers s WHERE s.state < 'stopped' OR s.state > 'stopped'"
STATES = {
    "active": f"u.id IN ({_RUNNING})",
    "ready": "u.id IN (SELECT s.user_id FROM servers s WHERE s.state = 'ready')",
    "inactive": f"u.id NOT IN ({_RUNNING})",
}
ORDERS = {
    "id": "u.id",
    "-id": "u.id DESC",
    "name": "u.name",
    "-name": "u.name DESC",
    "last_activity": "u.last_activity NULLS FIRST, u.id",
    "-last_activity": "u.last_activity DESC NULLS LAST, u.id DESC",
}


@reads
def get(db: Snapshot, name: str) -> Account | None:
    """With all servers, the default one among them whether it has a record or not."""
    row = db.row(f"SELECT {values.USER} FROM users u WHERE u.name = ?", name)
    return _accounts(db, [row], stopped=True)[0] if row else None


@reads
def page(db: Snapshot, query: UserQuery) -> tuple[list[Account], int]:
    """The wanted part of the wanted users, and how many there are; servers that are stopped as in `get`.

    Counting all of them costs, so it is done only if `query.counted` and this is not their end; else
    the number says no more than whether there are some after this part.
    """
    where, params = _where(query)
    order = ORDERS[query.sort]
    # Which ones is found out first: for names and their order the index alone is read.
    rows = db.rows(
        f"SELECT {values.USER} FROM users u WHERE u.id IN"
        f" (SELECT u.id FROM users u{where} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}",
        *params,
        query.limit + 1,
        query.offset,
    )
    more = len(rows) > query.limit
    accounts = _accounts(db, rows[: query.limit], query.stopped)
    if query.counted and (more or (query.offset and not rows)):
        return accounts, int(db.value(f"SELECT count(*) FROM users u{where}", *params))
    return accounts, query.offset + len(accounts) + more


def _where(query: UserQuery) -> tuple[str, list[object]]:
    conditions: list[str] = []
    params: list[object] = []
    if query.state:
        conditions.append(STATES[query.state])
    if query.name:
        # Not LIKE: nothing in a name is a wildcard.
        conditions.append("instr(u.name, ?) > 0")
        params.append(query.name)
    if query.users is not None or query.groups is not None:
        named, groups = sorted(query.users or ()), sorted(query.groups or ())
        conditions.append(
            f"(u.name IN ({marks(named)}) OR EXISTS (SELECT 1 FROM group_users m JOIN groups g ON g.id = m.group_id "
            f"WHERE m.user_id = u.id AND g.name IN ({marks(groups)})))"
        )
        params += [*named, *groups]
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), params


def _accounts(db: Snapshot, rows: Sequence[Row], stopped: bool) -> list[Account]:
    ids = [row[0] for row in rows]
    roles = _roles(db, ids)
    records = _servers(db, ids, stopped)
    found = []
    for number, user in zip(ids, users.with_groups(db, rows), strict=True):
        some = records.get(number, [])
        if stopped and (not some or some[0].name):
            some = [Server(user.name, ""), *some]
        found.append(Account(user, tuple(roles.get(number, ())), tuple(some)))
    return found


def _roles(db: Snapshot, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for some in _parts(ids):
        for number, role in db.rows(
            "SELECT m.user_id, r.name FROM role_users m JOIN roles r ON r.id = m.role_id "
            f"WHERE m.user_id IN ({marks(some)}) ORDER BY r.name",
            *some,
        ):
            found.setdefault(number, []).append(role)
    return found


def _servers(db: Snapshot, ids: Sequence[int], stopped: bool) -> dict[int, list[Server]]:
    found: dict[int, list[Server]] = {}
    running = "" if stopped else " AND s.state <> 'stopped'"
    for some in _parts(ids):
        for number, *row in db.rows(
            f"SELECT s.user_id, {servers.COLUMNS} FROM servers s JOIN users u ON u.id = s.user_id "
            f"WHERE s.user_id IN ({marks(some)}){running} ORDER BY s.user_id, s.slot",
            *some,
        ):
            found.setdefault(number, []).append(servers.from_row(tuple(row)))
    return found


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
