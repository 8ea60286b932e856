from __future__ import annotations

import pytest

from api.pages.words import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;38;5;196mbold\x1b[K", "bold"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        (" 10%\r 50%\r100%", "100%"),
        ("progress 100%\r", "progress 100%"),
        ("nul\0bell\x07", "nul\ufffdbell\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\u2066a\u2069", "\ufffda\ufffd"),
        ("family 👨\u200d👩", "family 👨\u200d👩"),
        ("<script>", "<script>"),
    ],
)
def test_output_of_programs(text: str, shown: str) -> None:
    assert plain(text) == shown
