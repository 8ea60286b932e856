from __future__ import annotations

from gateway.store.store import Store
from gateway.store.work import Snapshot, Transaction, marks, placed, reads


def test_question_marks_become_the_drivers() -> None:
    sql = "SELECT a % 2 FROM b WHERE c = ? AND d LIKE ?"
    assert placed(sql, "?") == sql
    assert placed("SELECT 1 WHERE instr(a, ?) > 0", "%s") == "SELECT 1 WHERE strpos(a, %s) > 0"
    assert placed(sql, "%s") == "SELECT a %% 2 FROM b WHERE c = %s AND d LIKE %s"


async def test_rows_row_and_value(store: Store) -> None:
    @reads
    def unit(db: Snapshot) -> list[object]:
        return [
            db.rows("SELECT ? UNION SELECT ? ORDER BY 1", 1, 2),
            db.row("SELECT 1, 'a'"),
            db.row("SELECT 1 WHERE 1 = ?", 2),
            db.value("SELECT 7 % 4"),
            db.value("SELECT id FROM users"),
        ]

    assert await store(unit) == [[(1,), (2,)], (1, "a"), None, 3, None]


async def test_run_tells_how_many_rows_it_changed(store: Store) -> None:
    def unit(db: Transaction) -> list[int]:
        db.run_many("INSERT INTO groups (name) VALUES (?)", ((f"g{n}",) for n in range(450)))
        return [
            db.run("UPDATE groups SET name = name WHERE name < ?", "g2"),
            db.run("DELETE FROM groups"),
            db.run("DELETE FROM groups"),
        ]

    assert await store(unit) == [112, 450, 0]


async def test_plain_sql_sees_what_entities_hold_back(store: Store) -> None:
    def unit(db: Transaction) -> list[object]:
        db.entities.Group(name="a")
        found = [db.value("SELECT count(*) FROM groups")]
        db.entities.Group(name="b")
        found.append(db.run("UPDATE groups SET name = 'c' WHERE name = 'b'"))
        return found

    assert await store(unit) == [1, 1]


async def test_none_of_nothing(store: Store) -> None:
    @reads
    def unit(db: Snapshot, names: list[str]) -> int:
        return len(db.rows(f"SELECT 1 FROM revision WHERE CAST(id AS TEXT) IN ({marks(names)})", *names))

    assert (marks("ab"), marks([])) == ("?, ?", "NULL")
    assert [await store(unit, names) for names in (["1", "7"], ["7"], [])] == [1, 0, 0]
