"""`python -m benchmarks planning`: milliseconds from SQL text to plan, no silo reached.

All queries in turn, once to warm up, then `--runs` times; the median of a query is its figure.
Wall time and the process's own CPU time, which other work on the machine does not lengthen.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.planning.schema import over_twelve, tpch, twelve
from benchmarks.tpch.placements import PLACEMENTS
from benchmarks.tpch.queries import canonical, queries
from connectors.binder import bind
from connectors.clock import Clock
from connectors.guard import secure
from connectors.planner import plan
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos.base import Capabilities

CLOCK = Clock(date(2026, 10, 31))


@dataclass(frozen=True)
class Taken:
    """Medians of one query, in milliseconds."""

    wall: float
    cpu: float


def main(arguments: Sequence[str]) -> int:
    """Measure and print; always 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks planning", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each query")
    runs = parser.parse_args(arguments).runs
    print("| queries | wall p50 | wall p95 | CPU p50 | CPU p95 |")
    print("|:--|--:|--:|--:|--:|")
    found = {name: _placement(name, runs) for name in PLACEMENTS}
    for name, taken in found.items():
        print(_row(f"TPC-H, {name}", taken))
    print(_row("TPC-H, all", [each for taken in found.values() for each in taken]))
    ask = _asker(*twelve())
    ask(over_twelve(0))
    taken = [_timed(ask, over_twelve(run)) for run in range(1, runs * 4 + 1)]
    print(_row("one query over 12 tables", taken))
    return 0


def _placement(name: str, runs: int) -> list[Taken]:
    ask = _asker(*tpch(name))
    asked = [canonical(sql, PLACEMENTS[name]) for sql in queries().values()]
    rounds = [[_timed(ask, sql) for sql in asked] for _ in range(runs + 1)]
    return [_median(taken) for taken in zip(*rounds[1:], strict=True)]


def _asker(schema: SiloSchema, capabilities: Mapping[str, Capabilities]) -> Callable[[str], object]:
    policy = load_policy(None)
    return lambda sql: plan(secure(bind(sql, schema, CLOCK), policy), capabilities)


def _median(taken: Sequence[Taken]) -> Taken:
    walls, cpus = ([getattr(t, key) for t in taken] for key in ("wall", "cpu"))
    return Taken(statistics.median(walls), statistics.median(cpus))


def _timed(ask: Callable[[str], object], sql: str) -> Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    ask(sql)
    return Taken((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def _row(name: str, taken: Sequence[Taken]) -> str:
    cells = [_shares([getattr(t, key) for t in taken]) for key in ("wall", "cpu")]
    return f"| {name} | " + " | ".join(f"{value:.0f} ms" for pair in cells for value in pair) + " |"


def _shares(values: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[18]
