from __future__ import annotations

from api.pages.listing import Pager, offset, pager, part


def test_offsets() -> None:
    assert [offset(text) for text in ("", "0", "50", "-1", "x", "1e3", "9" * 40, "٥")] == [0, 0, 50, 0, 0, 0, 0, 0]
    assert offset("99999999999") == 2**31


def test_the_parts_of_a_list() -> None:
    fields = {"q": "a b", "state": ""}
    assert pager("/x", fields, 0, 50, 120) == Pager(first=1, last=50, total=120, before="", after="/x?q=a+b&offset=50")
    assert pager("/x", {}, 50, 50, 120) == Pager(first=51, last=100, total=120, before="/x", after="/x?offset=100")
    assert pager("/x", {}, 100, 20, 120) == Pager(first=101, last=120, total=120, before="/x?offset=50", after="")
    assert pager("/x", {}, 0, 0, 0) == Pager(first=0, last=0, total=0, before="", after="")
    assert part(range(120), 100) == range(100, 120)
