"""What the gate decided, as the bytes that the client gets, noted on the exchange."""

from __future__ import annotations

from dataclasses import replace

from gateway.proxy import answers
from gateway.proxy.cookies import clearing
from gateway.proxy.desk import Desk
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Link, Refuse, navigation
from gateway.proxy.gate import Health, Redirect, Verdict
from gateway.proxy.site import Site


def reply(verdict: Verdict | Refuse, exchange: Exchange, desk: Desk, *, close: bool, page: bool = False) -> bytes:
    """The gateway's own answer; `close` says that the connection ends with it.

    `page`: somebody waits for a page, although the request could not be read.
    """
    answer = _answer(verdict, exchange, desk, close, page)
    exchange.refusal = verdict.reason if isinstance(verdict, Refuse) else type(verdict).__name__.lower()
    exchange.status = answer.status
    exchange.sent = 0 if answer.head_only else len(answer.body)
    return bytes(answer)


def _answer(verdict: Verdict | Refuse, exchange: Exchange, desk: Desk, close: bool, page: bool) -> answers.Answer:
    facts = exchange.facts
    method = exchange.head.method.decode("latin-1")
    extra = clearing(desk.site, facts.path) if facts is not None and facts.clear_cookies else ()
    match verdict:
        case Redirect():
            return answers.redirection(
                verdict.location, verdict.status, request_id=exchange.id, method=method, close=close, extra=extra
            )
        case Health():
            return answers.health(desk.replica.connected, request_id=exchange.id, method=method, close=close)
        case Refuse():
            return answers.refusal(
                _with_a_way_on(verdict, desk.site),
                request_id=exchange.id,
                navigation=facts.navigation if facts is not None else page or navigation(exchange.head),
                method=method,
                close=close,
                extra=extra,
            )
        case _:
            raise TypeError(f"{verdict} is no answer")


def _with_a_way_on(refuse: Refuse, site: Site) -> Refuse:
    """Who finds a server that does not work can see to it at home."""
    if refuse.links or not refuse.reason.startswith("upstream-"):
        return refuse
    return replace(refuse, links=(Link("Your servers", f"{site.base_path}hub/home"),))
