"""Messages of WebSockets: what is typed where nobody may look is hidden."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gateway.proxy import kernel
from gateway.proxy.conversation import LARGEST, Conversation
from gateway.proxy.hiding import Hider
from gateway.proxy.redaction import Redactor

SECRET = "hunter2hunter2"
KERNEL = "/user/alice/api/kernels/9b2f/channels?session_id=1"


def conversation(path: str = KERNEL, subprotocol: str = "", redact: bool = True, limit: int = 10000) -> Conversation:
    return Conversation(path, subprotocol, Redactor(Hider("k", "alice")) if redact else None, limit)


def message(kind: str, content: dict[str, Any], channel: str = "shell", **more: Any) -> kernel.Message:
    return kernel.Message(channel, {"msg_id": "1", "msg_type": kind}, {}, {}, content, **more)


@pytest.mark.parametrize("subprotocol", ["", kernel.V1])
def test_a_kernels_messages_are_decoded(subprotocol: kernel.Subprotocol) -> None:
    made = message("execute_request", {"code": "print(1)"}, buffers=(b"ab",) if subprotocol else ())
    data, text = kernel.encode(made, subprotocol)
    shown = conversation(subprotocol=subprotocol).message(data, text=text, from_client=True)
    assert shown["kernel"]["type"] == "execute_request"
    assert shown["kernel"]["content"] == {"code": "print(1)"}
    raw = shown["data"].encode() if text else base64.b64decode(shown["base64"])
    assert kernel.decode(raw, text=text, subprotocol=subprotocol) == made


@pytest.mark.parametrize("subprotocol", ["", kernel.V1])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("input_reply", {"value": SECRET, "status": "ok"}),
        ("execute_reply", {"user_expressions": {"password": SECRET}}),
        ("comm_msg", {"comm_id": "unknown", "data": {"method": "update", "state": {"value": SECRET}}}),
        ("comm_open", {"comm_id": "p", "data": {"state": {"_model_name": "PasswordModel", "value": SECRET}}}),
        ("comm_msg", {"comm_id": "t", "data": {"states": {"x": {"model_name": "PasswordModel",
                                                                "state": {"value": SECRET}}}}}),
        ("stream", {"text": f"http://x/?token={SECRET}"}),
    ],
)  # fmt: skip
def test_secrets_of_kernels(subprotocol: kernel.Subprotocol, kind: str, content: dict[str, Any]) -> None:
    data, text = kernel.encode(message(kind, content), subprotocol)
    shown = conversation(subprotocol=subprotocol).message(data, text=text, from_client=True)
    assert SECRET not in str(shown)
    assert SECRET.encode() not in base64.b64decode(shown.get("base64", ""))
    assert shown["kernel"]["type"] == kind
    assert SECRET in str(conversation(subprotocol=subprotocol, redact=False).message(data, text=text, from_client=True))


def test_a_widget_that_is_for_no_password() -> None:
    talk = conversation()
    for content in (
        {"comm_id": "t", "data": {"state": {"_model_name": "TextModel", "value": ""}}},
        {"comm_id": "p", "data": {"state": {"_model_name": "PasswordModel", "value": ""}}},
    ):
        talk.message(kernel.encode(message("comm_open", content, "iopub"), "")[0], text=True, from_client=False)

    def typed(comm: str) -> dict[str, Any]:
        content = {"comm_id": comm, "data": {"method": "update", "state": {"value": "some words"}}}
        return talk.message(kernel.encode(message("comm_msg", content), "")[0], text=True, from_client=True)

    assert "some words" in str(typed("t"))
    assert "some words" not in str(typed("p"))


def test_what_was_typed_as_a_password_is_hidden_when_it_comes_again() -> None:
    talk = conversation()
    talk.message(kernel.encode(message("input_reply", {"value": SECRET}), "")[0], text=True, from_client=True)
    shown = talk.message(
        kernel.encode(message("stream", {"text": f"you typed {SECRET}"}), "")[0], text=True, from_client=False
    )
    assert shown["kernel"]["content"]["text"].startswith("you typed hidden-")


@pytest.mark.parametrize("data", [b"no json", b'{"channel":"shell","channel":"stdin"}', b"[]", b"\xff", b"[" * 100_000])
def test_what_a_kernel_would_not_send_is_left_out(data: bytes) -> None:
    assert conversation().message(data, text=True, from_client=True) == {
        "size": len(data), "omitted": "it is no kernel message",
    }  # fmt: skip


def test_in_a_terminal_no_key_is_shown() -> None:
    talk = conversation("/user/alice/terminals/websocket/1")
    keys = [talk.message(json.dumps(["stdin", key]).encode(), text=True, from_client=True)["data"] for key in "aab"]
    assert keys == ['["stdin", "hidden"]'] * 3
    assert talk.message(b'["set_size", 1, 2]', text=True, from_client=True)["data"] == '["set_size", 1, 2]'
    assert talk.message(b"aab", text=True, from_client=True)["data"] == "hidden"
    assert talk.message(b'["stdout", "aab"]', text=True, from_client=False)["data"] == '["stdout", "aab"]'


def test_other_messages() -> None:
    talk = conversation("/user/alice/lsp/ws/x")
    shown = talk.message(json.dumps({"token": SECRET}).encode(), text=True, from_client=True)
    assert SECRET not in shown["data"]
    shown = talk.message(b"\0" + SECRET.encode(), text=False, from_client=True)
    assert SECRET.encode() not in base64.b64decode(shown["base64"])


def test_limits() -> None:
    talk = conversation("/user/alice/x", limit=100)
    assert talk.message(b"x" * 101, text=True, from_client=True) == {"size": 101, "data": "x" * 100, "cut": True}
    assert len(base64.b64decode(talk.message(b"x" * 101, text=False, from_client=True)["base64"])) == 100
    assert "omitted" in talk.message(b"x" * (LARGEST + 1), text=True, from_client=True)
    large = kernel.encode(message("stream", {"text": "x" * 200}), "")[0]
    shown = conversation(limit=100).message(large, text=True, from_client=False)
    assert (shown["cut"], shown["kernel"]["content"], shown["kernel"]["type"]) == (True, {}, "stream")
