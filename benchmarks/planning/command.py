"""`python -m benchmarks planning`: from a statement's text to its plan; no silo is reached."""

import argparse
import signal
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp, parse

from benchmarks.tpch.contenders import silo_settings
from benchmarks.tpch.ours import open_federation
from benchmarks.tpch.placements import PLACEMENTS
from benchmarks.tpch.queries import canonical, queries
from benchmarks.tpch.results import markdown, percentile
from benchmarks.tpch.stores import Stores, stores
from connectors.federation import Federation

TABLES = 12
HEADER = ("statements", "plans", "median ms", "p95 ms", "slowest", "its median ms")


def main(arguments: Sequence[str]) -> int:
    """Print a table; a first plan of each statement is made to warm up."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks planning", description=__doc__)
    parser.add_argument("--sf", type=float, default=0.1, help="scale factor of the catalog read")
    parser.add_argument("--runs", type=int, default=11)
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tpch: dict[str, list[float]] = {}
    wide: dict[str, list[float]] = {}
    with stores(asked.sf) as ready:
        for name in PLACEMENTS:
            with _federation(ready, name) as federation:
                named = {f"{name} Q{number}": sql for number, sql in queries().items()}
                tpch |= _times(federation, name, named, asked.runs)
                named = {f"{name} {word}": sql for word, sql in wide_queries().items()}
                wide |= _times(federation, name, named, asked.runs)
    print(report({"TPC-H": tpch, f"of {TABLES} tables": wide}))
    return 0


def wide_queries() -> dict[str, str]:
    """Statements over 12 tables, by the word before each in wide.sql."""
    text = Path(__file__).with_name("wide.sql").read_text()
    words = [line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- ")]
    trees = [tree for tree in parse(text, read="duckdb") if tree is not None]
    return {w: t.sql("duckdb", comments=False) for w, t in zip(words, trees, strict=True)}


def table_count(sql: str) -> int:
    """How often a statement names a table of the catalog."""
    (tree,) = parse(sql, read="duckdb")
    assert tree is not None
    made = {each.alias for each in tree.find_all(exp.CTE)}
    return sum(table.name not in made for table in tree.find_all(exp.Table))


def _federation(ready: Stores, name: str) -> Federation:
    ports = {"postgresql": ready.postgres_port, "mysql": ready.mysql_port}
    silos = silo_settings(ready, PLACEMENTS[name], ports)
    return open_federation({"silos": silos, "catalog": silos})


def _times(
    federation: Federation, placement: str, named: Mapping[str, str], runs: int
) -> dict[str, list[float]]:
    found = {}
    for name, text in named.items():
        sql = canonical(text, PLACEMENTS[placement])
        federation.explain(sql)
        found[name] = [_once(federation, sql) for _ in range(runs)]
    return found


def _once(federation: Federation, sql: str) -> float:
    started = time.perf_counter()
    federation.explain(sql)
    return (time.perf_counter() - started) * 1000


def report(groups: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """A line for each group, over all its plans."""
    rows: list[Sequence[str]] = [HEADER]
    for title, times in groups.items():
        each = [ms for found in times.values() for ms in found]
        slowest = max(times, key=lambda name: statistics.median(times[name]))
        figures = (statistics.median(each), percentile(each, 0.95) or 0.0)
        last = statistics.median(times[slowest])
        texts = [f"{ms:.0f}" for ms in figures]
        rows.append([title, f"{len(each)}", *texts, slowest, f"{last:.0f}"])
    return markdown(rows)
