"""What the guard lets through, and what it holds back: by place, size and type, whatever the answer says of itself."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.test import tflow, tutils
from pydantic import ValidationError

from gateway.testing.builders import plugged
from plugins.addons import downloads
from plugins.addons.downloads import MODEL, Guard, Options, below, described, whole

BIG, SMALL = 2_000_000, 10
LIMITED = {"action": "block", "max_size": "1MB"}


def flow(path: str, length: int | None = BIG, kind: str = "text/csv", method: str = "GET", **more: Any) -> Any:
    headers = http.Headers(content_type=kind)
    if length is not None:
        headers["Content-Length"] = str(length)
    for name, value in more.items():
        headers[name.replace("_", "-")] = value
    made = tflow.tflow(resp=tutils.tresp(headers=headers, content=b""))
    made.request.method, made.request.path = method, f"/x/user/alice/{path}"
    made.request.headers["X-Forwarded-Prefix"] = "/x/user/alice"
    made.request.headers["X-Hubgate-User"] = "al%C3%ADce"
    assert made.response is not None
    made.response.stream = True
    return made


def passed(made: Any, data: bytes) -> bytes:
    """What the client gets of the body."""
    stream = made.response.stream
    return data if stream is True else b"".join(map(stream, (data[:7], data[7:], b"")))


def held(made: Any, **options: Any) -> bool:
    Guard(Options.model_validate({**LIMITED, **options})).responseheaders(made)
    if made.response.status_code != 403:
        return False
    body = passed(made, b"secret data of the file")
    assert json.loads(body)["reason"] == "download-guard"
    assert made.response.headers["content-length"] == str(len(body))
    assert b"secret" not in body
    return True


@pytest.mark.parametrize(
    "path", ["files/a.csv", "%66iles/a.csv", "nbconvert/html/a.ipynb", "directories/x", "files//a?download=1"]
)
def test_what_is_too_large_is_held_back(path: str) -> None:
    assert held(flow(path))
    assert not held(flow(path, SMALL))
    assert not held(flow(path, 1_000_000)), "as large as it may be"
    assert not held(flow(path, method="POST"))
    assert not held(flow(path, method="PUT"))


def test_types() -> None:
    for types in (["text/*"], [".CSV"], [".zip", "text/csv"]):
        assert held(flow("files/a.csv"), types=types)
    for types in (["image/*"], [".zip"], ["csv"]):
        assert not held(flow("files/a.csv"), types=types)
    assert held(flow("files/a.csv", SMALL), types=["text/csv"], max_size=0)
    assert not held(flow("files/a.csv", SMALL), types=["text/csv"])


def test_a_part_counts_as_the_whole() -> None:
    part = flow("files/a.csv", SMALL, Content_Range="bytes 0-9/2000000")
    part.response.status_code = 206
    assert held(part)
    assert whole({"Content-Range": "bytes 0-9/*", "Content-Length": "10"}) is None
    assert whole({"Content-Length": "-1"}) is whole({}) is None


def test_failures_of_the_server_pass() -> None:
    for status in (304, 404, 500):
        made = flow("files/a.csv")
        made.response.status_code = status
        assert not held(made) and made.response.status_code == status


def test_what_does_not_say_its_size_is_counted() -> None:
    made = flow("files/a.csv", None)
    assert not held(made, max_size=10)
    assert passed(made, b"0123456789 and more") == b"0123456789"
    logged = flow("files/a.csv", None)
    assert not held(logged, max_size=10, action="log")
    assert passed(logged, b"0123456789 and more") == b"0123456789 and more"
    assert held(flow("files/a.csv", None), max_size=0)
    assert not held(flow("files/a.csv", None, kind="image/png"), types=["text/*"])


def model(**fields: Any) -> str:
    return json.dumps({"name": "a.csv", "type": "file", "mimetype": "text/csv", "size": BIG, "content": "x", **fields})


def contents(text: str, options: dict[str, Any] | None = None, path: str = "api/contents/a.csv") -> Any:
    made = flow(path, len(text), kind="application/json", ETag="x")
    guard = Guard(Options.model_validate({**LIMITED, **(options or {})}))
    guard.responseheaders(made)
    assert made.response.stream is False
    made.response.text = text
    guard.response(made)
    return made.response


def test_the_contents_api_says_what_it_hands_out() -> None:
    assert contents(model()).status_code == 403
    assert json.loads(contents(model()).text)["reason"] == "download-guard"
    assert contents(model(size=SMALL)).status_code == 200
    assert contents(model(type="notebook"), {"types": ["application/x-ipynb+json"]}).status_code == 403
    assert contents(model(), {"types": ["image/*"]}).status_code == 200
    assert contents(model(), {"action": "log"}).status_code == 200
    folder = json.dumps({"name": "", "type": "directory", "content": [], "size": None})
    assert contents(folder, {"max_size": 0}, "api/contents").status_code == 200
    assert contents("[]", {"max_size": 0}, "api/contents/a.csv/checkpoints").status_code == 200
    assert contents("no json at all", {"max_size": 0}).status_code == 403
    assert described("a", model(size=None)) == downloads.File("a", "text/csv", len(model(size=None)))


def test_what_is_not_a_model_any_more() -> None:
    assert held(flow("api/contents/a.csv", MODEL + 1, kind="application/json"))
    assert not held(flow("api/contents/a.csv?content=0", MODEL + 1))
    assert below(flow("api%2Fcontents/a")) == ("api", "contents", "a")


def test_a_server_that_does_not_know_its_path() -> None:
    made = flow("files/a.csv")
    made.request.path = "/files/a.csv"
    assert held(made)


def test_the_log_names_who_and_what_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not held(flow("files/a%0Ab.csv?token=secret"), action="log")
    (record,) = caplog.records
    assert record.getMessage() == ("download-guard: GET taken by 'alíce': '/files/a\\nb.csv', 2000000 bytes, text/csv")


def test_options() -> None:
    assert Options.model_validate({"max_size": "2MiB"}).max_size == 2 * 1024 * 1024
    for wrong in ({"max_size": "big"}, {"max_size": -1}, {"action": "maybe"}, {"size": 1}):
        with pytest.raises(ValidationError):
            Options.model_validate(wrong)


def test_it_is_off_until_somebody_switches_it_on() -> None:
    assert plugged(downloads, "downloads").addons() == []
    (addon,) = plugged(downloads, "downloads", plugins={"downloads": {"action": "log", "groups": ["x"]}}).addons()
    assert (addon.match.kinds, addon.match.methods, addon.match.groups) == (("server",), ("GET",), ("x",))
    assert addon.match.below == downloads.PLACES


def test_what_is_in_a_long_answer_of_the_contents_api_may_be_of_any_type() -> None:
    for types in (["text/csv"], ["text/csv", ".zip"]):
        assert held(flow("api/contents/a.csv", MODEL + 1, "application/json"), types=types)
    assert not held(flow("api/contents/a.csv", MODEL + 1, "application/json"), types=[".zip"])
    assert contents("no model", {"types": ["text/csv"]}).status_code == 403
