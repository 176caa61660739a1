"""`python -m benchmarks best_plans`: our bytes beside those of plans written by hand."""

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import Any

import duckdb

from benchmarks.best_plans.plans import Plan, plans, runner
from benchmarks.tpch import measure
from benchmarks.tpch.answers import difference, same
from benchmarks.tpch.contenders import Contender, Proxies, ours
from benchmarks.tpch.placements import PLACEMENTS, TABLES
from benchmarks.tpch.queries import queries
from benchmarks.tpch.results import geometric_mean, markdown
from benchmarks.tpch.stores import Stores, stores

GOAL = 1.5
HEADER = ("query", "by hand kB", "ours kB", "ratio", "by hand", "ours", "fragments of ours, kB")
Outcome = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Print a table; 0 when all answers are right."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks best_plans", description=__doc__)
    parser.add_argument("--sf", type=float, default=0.1, help="scale factor")
    parser.add_argument("--placements", default="D1,D2,D3")
    parser.add_argument("--queries", help="numbers; default: all that have a plan")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = _chosen(asked.placements.split(","), asked.queries)
    with stores(asked.sf) as ready:
        names = dict.fromkeys(plan.placement for plan in chosen)
        found = [each for name in names for each in _measure(ready, name, chosen)]
    print(report(found))
    return 0 if all(outcome["right"] == (True, True) for outcome in found) else 1


def _chosen(placements: Sequence[str], numbers: str | None) -> list[Plan]:
    wanted = None if numbers is None else {int(number) for number in numbers.split(",")}
    return [
        plan
        for plan in plans()
        if plan.placement in placements and (wanted is None or plan.query in wanted)
    ]


def _measure(ready: Stores, name: str, chosen: Sequence[Plan]) -> list[Outcome]:
    placement = PLACEMENTS[name]
    with (
        duckdb.connect() as whole,
        measure.proxies(ready, None) as lines,
        ours(ready, placement, lines) as we,
        runner(ready, placement, lines) as hand,
    ):
        for each in TABLES:
            whole.execute(f"CREATE VIEW {each} AS FROM '{ready.duckdb.parent / each}.parquet'")
        return [
            _outcome(plan, plan.request(placement), we, hand, whole, lines)
            for plan in chosen
            if plan.placement == name
        ]


def _outcome(
    plan: Plan,
    request: str,
    we: Contender,
    hand: Contender,
    whole: duckdb.DuckDBPyConnection,
    lines: Proxies,
) -> Outcome:
    """Bytes of both, each run once to open its connections; their answers checked."""
    sql = queries()[plan.query]
    expected = measure.central(whole, sql)
    sides = [(hand, request), (we, sql)]
    first = [measure.run(side, text, lines)[0] for side, text in sides]
    again = [measure.run(side, text, lines) for side, text in sides]
    for answer in first:
        if answer["error"] or not same(answer["rows"], *expected):
            reason = answer["error"] or difference(answer["rows"], expected[0])
            print(f"{plan.placement} Q{plan.query}: {reason}", file=sys.stderr)
    return {
        "name": f"{plan.placement} Q{plan.query}",
        "bytes": [size for _, size in again],
        "right": tuple(not a["error"] and same(a["rows"], *expected) for a in first),
        "fragments": [(f["silo"], f["bytes"]) for f in again[1][0].get("fragments", ())],
    }


def report(found: Sequence[Outcome]) -> str:
    """A table, and how many are within the goal."""
    ratios = [outcome["bytes"][1] / outcome["bytes"][0] for outcome in found]
    rows: list[Sequence[str]] = [HEADER]
    for outcome, ratio in zip(found, ratios, strict=True):
        moved = ", ".join(f"{silo} {size / 1000:,.1f}" for silo, size in outcome["fragments"])
        sizes = [f"{size / 1000:,.1f}" for size in outcome["bytes"]]
        right = ["right" if right else "WRONG" for right in outcome["right"]]
        rows.append([outcome["name"], *sizes, f"{ratio:.2f}", *right, moved])
    within = sum(ratio <= GOAL for ratio in ratios)
    mean = geometric_mean(ratios) or 0.0
    line = (
        f"{within} of {len(found)} within {GOAL} of the bytes by hand; geometric mean {mean:.2f}."
    )
    return f"{markdown(rows)}\n\n{line}"
