"""Attack 6: whatever a guest says, the kernel hears one of two questions, in the gateway's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.proxy.kernel import V1, Message, Subprotocol, decode, encode
from gateway.proxy.onlooker import BURST, LONGEST, PASSED, WHY, Onlooker, Passed, Refused, subprotocol_of

MARK = "0123456789abcdef"
ID = "f" * 32
HEADER = {"msg_id": ID, "msg_type": "kernel_info_request", "session": "s", "username": "", "version": "5.4", "date": ""}
KINDS: list[tuple[Subprotocol, bool]] = [("", True), ("", False), (V1, False)]
"""Subprotocol, and whether messages are text."""


def onlooker(subprotocol: Subprotocol = "") -> Onlooker:
    return Onlooker(subprotocol, MARK)


def message(kind: str = "kernel_info_request", channel: str = "shell", **content: Any) -> Message:
    return Message(channel, HEADER | {"msg_type": kind}, {}, {}, content)


def said(made: Message, subprotocol: Subprotocol = "", *, text: bool = True) -> Passed | Refused:
    data, _ = encode(made, subprotocol, text=text)
    return onlooker(subprotocol).from_client(data, text=text, now=0.0)


def heard(verdict: Passed | Refused, subprotocol: Subprotocol = "", *, text: bool = True) -> Message:
    assert isinstance(verdict, Passed)
    return decode(verdict.data, text=text, subprotocol=subprotocol)


def answers(verdict: Passed | Refused, subprotocol: Subprotocol = "") -> list[Message]:
    assert isinstance(verdict, Refused)
    return [decode(data, text=text, subprotocol=subprotocol) for data, text in verdict.answers]


@pytest.mark.parametrize(("subprotocol", "text"), KINDS)
@pytest.mark.parametrize("channel", ["shell", "control"])
def test_two_questions_pass(subprotocol: Subprotocol, text: bool, channel: str) -> None:
    for kind, content in (("kernel_info_request", {}), ("comm_info_request", {"target_name": "jupyter.widget"})):
        made = heard(said(message(kind, channel, **content), subprotocol, text=text), subprotocol, text=text)
        assert (made.type, made.channel, made.content) == (kind, channel, content)
        assert made.header == {
            "msg_id": MARK + ID[16:], "msg_type": kind, "username": "", "session": f"{MARK}-view-only", "date": "",
            "version": "5.3",
        }  # fmt: skip
        assert (made.parent_header, made.metadata, made.buffers) == ({}, {}, ())


@pytest.mark.parametrize(("subprotocol", "text"), KINDS)
@pytest.mark.parametrize(
    "kind",
    [
        "execute_request", "debug_request", "complete_request", "inspect_request", "history_request",
        "is_complete_request", "shutdown_request", "interrupt_request", "create_subshell_request",
        "comm_open", "comm_msg", "comm_close", "input_reply", "usage_request", "x", "", "kernel_info_request ",
        "KERNEL_INFO_REQUEST", "kernel_info_requestx",
    ],
)  # fmt: skip
def test_all_else_is_refused_with_a_word(subprotocol: Subprotocol, text: bool, kind: str) -> None:
    verdict = said(message(kind, code="1"), subprotocol, text=text)
    assert isinstance(verdict, Refused) and verdict.why == WHY
    told = answers(verdict, subprotocol)
    assert any(WHY in json.dumps(dict(each.content)) for each in told)
    assert all(each.parent_header["msg_id"] == ID for each in told)


def test_a_cell_shows_why_and_is_done() -> None:
    types = [(each.channel, each.type) for each in answers(said(message("execute_request", code="1")))]
    assert types == [("iopub", "error"), ("shell", "execute_reply"), ("iopub", "status")]


@pytest.mark.parametrize("channel", ["stdin", "iopub"])
def test_other_channels(channel: str) -> None:
    assert isinstance(said(message(channel=channel)), Refused)


@pytest.mark.parametrize(
    "change",
    [{"msg_id": 1}, {"msg_id": "short"}, {"msg_id": "x" * 101}, {"msg_id": 'x"' * 16}, {"msg_type": ["a"]}],
)
def test_odd_headers(change: dict[str, Any]) -> None:
    assert isinstance(said(Message("shell", HEADER | change, {}, {}, {})), Refused)


def test_what_a_message_brings_beside_is_left_behind() -> None:
    full = Message("shell", HEADER | {"subshell_id": "1", "x": [1]}, {"msg_id": "p"}, {"m": 1}, {}, (b"buffer",))
    for subprotocol in ("", V1):
        made = heard(
            said(full, subprotocol, text=False),  # type: ignore[arg-type]
            subprotocol,  # type: ignore[arg-type]
            text=False,
        )
        assert "subshell_id" not in made.header and not made.buffers and not made.metadata


def test_content_is_known_or_refused() -> None:
    for content in ({"code": "1"}, {"target_name": 1}, {"target_name": 'a"b'}, {"target_name": "x" * 201}):
        assert isinstance(said(message("comm_info_request", **content)), Refused)
    assert isinstance(said(message(code="1")), Refused)


@pytest.mark.parametrize(
    ("data", "text", "subprotocol"),
    [
        (b"", True, ""), (b"null", True, ""), (b"{", True, ""), (b"\xff", True, ""), (b"[]", True, ""),
        (b'{"channel":"shell","channel":"control","header":{}}', True, ""),
        (b'{"channel":"shell","header":{"msg_type":"execute_request","msg_type":"kernel_info_request"}}', True, ""),
        (b"\0" * 8, False, ""), (b"\0" * 80, False, V1), (b"{}", True, V1),
        (b"x" * (LONGEST + 1), True, ""),
    ],
)  # fmt: skip
def test_what_is_no_message_ends_it(data: bytes, text: bool, subprotocol: Subprotocol) -> None:
    verdict = onlooker(subprotocol).from_client(data, text=text, now=0.0)
    assert isinstance(verdict, Refused)
    assert verdict.why and verdict.answers == ()


def test_a_flood_ends_it() -> None:
    one = onlooker()
    data, _ = encode(message(), "")
    for _ in range(BURST):
        assert isinstance(one.from_client(data, text=True, now=5.0), Passed)
    assert one.from_client(data, text=True, now=5.0) == Refused("Too many messages came at once.")


# ── ids ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("subprotocol", "text"), KINDS)
def test_ids_are_put_back_into_what_the_kernel_says(subprotocol: Subprotocol, text: bool) -> None:
    one = onlooker(subprotocol)
    asked, _ = encode(message(), subprotocol, text=text)
    made = heard(one.from_client(asked, text=text, now=0.0), subprotocol, text=text)
    reply = Message("shell", HEADER | {"msg_type": "kernel_info_reply", "msg_id": "k"}, made.header, {}, {"ok": 1})
    data, _ = encode(reply, subprotocol, text=text)
    seen = decode(one.from_server(data), text=text, subprotocol=subprotocol)
    assert seen.parent_header["msg_id"] == ID
    assert seen.content == {"ok": 1}
    assert one.from_server(b"others" * 10) == b"others" * 10


def test_nobody_can_ask_with_the_id_of_somebody_else() -> None:
    """The kernel's "idle" to it would end the owner's cell in the owner's own JupyterLab."""
    made = heard(said(message()))
    assert made.header["msg_id"] != ID and made.header["session"] != HEADER["session"]


def test_many_ids_are_forgotten() -> None:
    one = onlooker()
    for number in range(300):
        data, _ = encode(Message("shell", HEADER | {"msg_id": f"{number:032}"}, {}, {}, {}), "")
        assert isinstance(one.from_client(data, text=True, now=number * 10.0), Passed)
    assert len(one._ids) <= 128


def test_which_subprotocols_are_known() -> None:
    assert (subprotocol_of(""), subprotocol_of(V1), subprotocol_of("v2"), subprotocol_of(f"{V1}, x")) == (
        "",
        V1,
        None,
        None,
    )


@pytest.mark.parametrize("mark", ["", "short", "x" * 17, 'x"' * 8])
def test_a_mark_is_part_of_an_id(mark: str) -> None:
    with pytest.raises(ValueError):
        Onlooker("", mark)


# ── any sequence of messages ─────────────────────────────────────────────────

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from([*PASSED, "execute_request", "debug_request", "input_reply", "comm_msg", ""]) | JSONS
HEADERS = st.fixed_dictionaries(
    {"msg_type": TYPES}, optional={"msg_id": st.sampled_from([ID, "a" * 36, "x"]) | JSONS, "date": JSONS, "x": JSONS}
)
MESSAGES = st.builds(
    Message,
    st.sampled_from(["shell", "control", "stdin", "iopub", "other"]),
    HEADERS,
    st.just({}) | st.dictionaries(st.text(max_size=4), JSONS, max_size=2),
    st.just({}) | st.dictionaries(st.text(max_size=4), JSONS, max_size=2),
    st.just({}) | st.dictionaries(st.sampled_from(["target_name", "code", "x"]), JSONS, max_size=2),
    st.lists(st.binary(max_size=8), max_size=2).map(tuple),
)


@st.composite
def spoken(draw: st.DrawFn, subprotocol: Subprotocol) -> tuple[bytes, bool]:
    """A frame: a message as it should be, one with a doubled key or a changed byte, or anything at all."""
    text = draw(st.booleans())
    data, text = encode(draw(MESSAGES), subprotocol, text=text)
    how = draw(st.integers(0, 5))
    if how == 1:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(max_size=3)) + data[place + draw(st.integers(0, 3)) :]
    elif how == 2:
        data = data.replace(b'"header":', b'"header":{"msg_type":"kernel_info_request"},"header":', 1)
    elif how == 3:
        data, text = draw(st.binary(max_size=60)), draw(st.booleans())
    elif how == 4:
        text = not text
    return data, text


@settings(max_examples=300)
@given(st.data(), st.sampled_from(["", V1]))
def test_of_any_sequence_two_questions_reach_the_kernel_in_our_own_words(
    data: st.DataObject, subprotocol: Subprotocol
) -> None:
    one = onlooker(subprotocol)
    for frame, text in data.draw(st.lists(spoken(subprotocol), max_size=6)):
        verdict = one.from_client(frame, text=text, now=0.0)
        if isinstance(verdict, Refused):
            for answer, is_text in verdict.answers:
                decode(answer, text=is_text, subprotocol=subprotocol)
            continue
        made = decode(verdict.data, text=text, subprotocol=subprotocol)
        assert made.type in PASSED
        assert made.channel in ("shell", "control")
        assert set(made.header) == {"msg_id", "msg_type", "username", "session", "date", "version"}
        assert made.header["msg_id"].startswith(MARK) and made.header["session"].startswith(MARK)
        assert set(made.content) <= set(PASSED[made.type])
        assert all(isinstance(value, str) for value in (*made.header.values(), *made.content.values()))
        assert (made.parent_header, made.metadata, made.buffers) == ({}, {}, ())
        assert encode(made, subprotocol, text=text)[0] == verdict.data, "byte for byte as we write it"
