"""How steps are run."""

from __future__ import annotations

from mitmproxy.proxy import commands

from gateway.proxy.steps import MORE, Steps


def test_steps_get_events_and_give_commands() -> None:
    log = commands.Log("x")

    def steps() -> Steps[str]:
        event: str = yield MORE
        yield log
        return event

    run = steps()
    assert next(run) is MORE
    assert run.send("event") is log
    try:
        next(run)
    except StopIteration as end:
        assert end.value == "event"
    assert MORE.blocking is False
