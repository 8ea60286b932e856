"""wrk's words are understood, and its errors not overlooked."""

from __future__ import annotations

import pytest

from tests.benchmarks.load import parse
from tests.benchmarks.measure import Invalid

OUTPUT = """\
Running 3s test @ http://127.0.0.1:8000/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.01ms    1.20ms  18.00ms   90.00%
    Req/Sec     8.00k     1.00k    9.00k    80.00%
  Latency Distribution
     50%  950.00us
     75%    2.20ms
     90%    3.10ms
     99%    1.02s
  24012 requests in 3.00s, 8.00MB read
Requests/sec:   8004.15
Transfer/sec:      2.67MB
""".replace("1.02s", "1.02s ")  # seconds have a space behind them


def test_a_report() -> None:
    report = parse(OUTPUT)
    assert (report.requests, report.rate) == (24012, 8004.15)
    assert (report.p50, report.p99) == pytest.approx((0.95, 1020.0))


@pytest.mark.parametrize(
    "line",
    ["  Non-2xx or 3xx responses: 12", "  Socket errors: connect 0, read 3, write 0, timeout 0"],
)
def test_a_request_that_failed_spoils_it(line: str) -> None:
    with pytest.raises(Invalid, match=line.strip()):
        parse(OUTPUT + line + "\n")


def test_no_request_is_no_measurement() -> None:
    with pytest.raises(Invalid):
        parse(OUTPUT.replace("24012 requests", "0 requests"))
    with pytest.raises(Invalid):
        parse("unable to connect")
