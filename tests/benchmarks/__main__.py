"""`python -m tests.benchmarks`: run rows, print the table."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.benchmarks.measure import Invalid, Sample, interleaved
from tests.benchmarks.peers import Missing
from tests.benchmarks.rows import FULL, ROWS, SMOKE, Effort, Row, chosen
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Result, table


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.list:
        for row in ROWS:
            print(f"{row.name:14} {row.title}; {', '.join(row.peers)}")
        return 0
    rows = chosen(options.k)
    if not rows:
        print(f"no row has {options.k!r} in its name; --list shows them", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is ended
    effort = SMOKE if options.smoke else Effort(options.rounds, options.seconds)
    results = []
    with tempfile.TemporaryDirectory(prefix="hubgate-bench-") as folder, Stage(Path(folder)) as stage:
        for row in rows:
            _say(f"{row.name}: {row.title}")
            results.append(measured(row, stage, effort))
    text = f"{table(results)}\n\n{_circumstances(effort)}"
    print(text)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")
    return 1 if any(result.failed for result in results) else 0


def measured(row: Row, stage: Stage, effort: Effort) -> Result:
    """Run one row. A peer that is missing is named; a measurement that failed is no figure."""
    try:
        rounds: dict[str, list[Sample]] = {}
        casts, each = (effort.rounds, 1) if row.fresh else (1, effort.rounds)
        for _ in range(casts):
            with stage.cast(row.peers, fresh=row.fresh) as (peers, missing):
                for name, samples in interleaved(peers, each, lambda peer: row.work(peer, effort)).items():
                    rounds.setdefault(name, []).extend(samples)
    except (Invalid, Missing, AssertionError, OSError, httpx.HTTPError) as error:
        _say(f"  failed: {error}")
        return Result(row.name, row.title, row.peers[0], {}, row.aims, failed=str(error).splitlines()[0][:100])
    for name, why in missing.items():
        _say(f"  {name} is missing: {why}")
    result = Result(row.name, row.title, row.peers[0], rounds, row.aims, list(missing))
    _say(table([result]))
    return result


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="The gateway beside its peers.")
    parser.add_argument("-k", default="", metavar="WORDS", help="only rows with one of these words in their name")
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    parser.add_argument("--smoke", action="store_true", help="every row once and short: does the harness work?")
    parser.add_argument("--rounds", type=int, default=FULL.rounds)
    parser.add_argument("--seconds", type=int, default=FULL.seconds, help="of each load in each round")
    parser.add_argument("--output", type=Path, help="write the table into this file too")
    return parser.parse_args(arguments)


def _circumstances(effort: Effort) -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    python = sys.version.split()[0]
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load average {load}, Python {python}, "
        f"{effort.rounds} rounds of {effort.seconds} s."
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
