"""A capture to look at: requests that went well or not, and what was said to a kernel and came back."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.integration.client import Client
from tests.integration.harness import eventually

AT = "user/grace/kernels"
"""A server that says what it was sent."""
WISH = {"reason": "Ticket 4711: her kernel dies on import", "server": "grace/kernels"}


def said(kind: str, channel: str = "iopub", **content: Any) -> str:
    header = {"msg_id": "m-1", "msg_type": kind, "session": "s-1", "username": "", "date": "", "version": "5.4"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
    return json.dumps({**message, "buffers": []})


CONVERSATION = (
    said("execute_request", "shell", code="import pandas as pd\n\npd.read_csv('stars.csv').describe()", silent=False),
    said("status", execution_state="busy"),
    said("stream", name="stdout", text="reading…\n"),
    said("error", ename="FileNotFoundError", evalue="[Errno 2] No such file or directory: 'stars.csv'", traceback=[]),
    said("execute_reply", "shell", status="error", ename="FileNotFoundError", evalue="stars.csv"),
    said("status", execution_state="idle"),
)


def recorded(client: Client, headers: Mapping[str, str]) -> None:
    """`client` is an administrator, as are `headers`; the server runs."""
    made = client.http.post("hub/api/traffic/captures", headers=headers, json=WISH)
    assert made.status_code == 201, made.text
    time.sleep(1)  # by then it is in force in every worker
    for path in ("lab", "api/contents/report.ipynb?content=1", "api/sessions?status=404", "api/kernels?status=500"):
        client.http.get(f"{AT}/{path}", headers=headers)
    form = {"type": "notebook", "password": "hunter2hunter2"}
    client.http.post(f"{AT}/api/contents", headers=headers, json=form)
    with client.websocket(f"{AT}/api/kernels/5f2a/channels") as socket:
        socket.recv(timeout=10)
        for message in CONVERSATION:
            socket.send(message)
            socket.recv(timeout=10)
    path = f"hub/api/traffic/captures/{made.json()['id']}"
    eventually(lambda: client.http.get(path, headers=headers).json()["flows"] >= 6, 15)
