"""From "start" to the first byte of a ready server."""

from __future__ import annotations

import time

import httpx

from tests.benchmarks.hubs import Api
from tests.benchmarks.measure import Invalid, Sample

USER = "starter"
LONGEST = 60.0
PAUSE = 0.005


def start(hub: Api, profile: str) -> Sample:
    """Ask for the server, ask the server, until it answers; then stop it."""
    with hub.client() as http:
        if http.get(f"/hub/api/users/{USER}").status_code == 404:
            hub.call(http, "POST", f"users/{USER}")
        began = time.perf_counter()
        hub.call(http, "POST", f"users/{USER}/server", profile=profile)
        while (status := http.get(f"/user/{USER}/api").status_code) != 200:
            if time.perf_counter() - began > LONGEST:
                raise Invalid(f"the server does not answer: {status}")
            time.sleep(PAUSE)
        seconds = time.perf_counter() - began
        hub.call(http, "DELETE", f"users/{USER}/server")
        _await_end(http)
    return {"seconds": seconds}


def _await_end(http: httpx.Client) -> None:
    deadline = time.perf_counter() + LONGEST
    while http.get(f"/hub/api/users/{USER}").json()["server"] is not None or _pending(http):
        if time.perf_counter() > deadline:
            raise Invalid("the server does not stop")
        time.sleep(0.05)


def _pending(http: httpx.Client) -> bool:
    return bool(http.get(f"/hub/api/users/{USER}").json().get("pending"))
