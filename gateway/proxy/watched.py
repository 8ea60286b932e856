"""A WebSocket in the flow lane whose client may only look on: `onlooker` judges each message that mitmproxy has whole.

It has the last word, after all addons. Compression was not offered, and mitmproxy ends a
connection whose frames claim it, so what is judged is what the server would read.
"""

from __future__ import annotations

import secrets

from mitmproxy.connection import Client
from mitmproxy.proxy import commands
from mitmproxy.websocket import WebSocketMessage

from gateway.proxy import viewing
from gateway.proxy.exchange import Clock
from gateway.proxy.facts import Facts
from gateway.proxy.frames import message_frame
from gateway.proxy.http1 import Response
from gateway.proxy.onlooker import MARK, Onlooker, Passed, subprotocol_of
from gateway.proxy.passing import BAD_ANSWER, Ended
from gateway.proxy.steps import Steps
from gateway.routes import Route

SILENT = "This connection is for listening only."


class Watched:
    def __init__(self, onlooker: Onlooker | None, clock: Clock) -> None:
        """Without an onlooker the client may say nothing at all."""
        self._onlooker = onlooker
        self._clock = clock
        self._answers: list[bytes] = []
        self.over = ""
        """Why the connection is to end; "" = it goes on."""

    @classmethod
    def of(cls, facts: Facts, route: Route, response: Response, clock: Clock) -> Watched:
        """For a connection that the server has agreed to. `Ended` if it speaks what nobody here understands."""
        said = [value for name, value in response.headers if name.lower() == b"sec-websocket-protocol"]
        chosen = subprotocol_of(b", ".join(said).decode("latin-1").strip())
        if chosen is None:
            raise Ended(BAD_ANSWER)
        if viewing.socket(facts, route) != "kernel":
            return cls(None, clock)
        return cls(Onlooker(chosen, secrets.token_hex(MARK // 2)), clock)

    def judge(self, message: WebSocketMessage) -> None:
        """Change or drop the message."""
        if not message.from_client:
            if self._onlooker is not None:
                message.content = self._onlooker.from_server(message.content)
            return
        if self._onlooker is None or self.over:
            self.over = self.over or SILENT
            message.drop()
            return
        verdict = self._onlooker.from_client(message.content, text=message.is_text, now=self._clock())
        if isinstance(verdict, Passed):
            message.content = verdict.data
            return
        message.drop()
        if not verdict.answers:
            self.over = verdict.why
        self._answers += [message_frame(data, text=text) for data, text in verdict.answers]

    def answers(self, client: Client) -> Steps[None]:
        """What the client is told: whole frames, between those of mitmproxy."""
        for frame in self._answers:
            yield commands.SendData(client, frame)
        self._answers.clear()
