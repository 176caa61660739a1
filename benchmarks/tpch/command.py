"""`python -m benchmarks tpch`: 22 queries, three placements, against DuckDB ATTACH and Trino."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks import trino
from benchmarks.environment import FOLDER
from benchmarks.tpch import measure
from benchmarks.tpch.contenders import contenders, sides_for
from benchmarks.tpch.placements import PLACEMENTS, TABLES
from benchmarks.tpch.queries import queries
from benchmarks.tpch.results import (
    NAMES,
    PEERS,
    Cell,
    Results,
    fragments,
    key,
    summaries,
    table,
)
from benchmarks.tpch.stores import Stores, stores


def main(arguments: Sequence[str]) -> int:
    """Measure what is not measured yet, print the table; 0 when all our answers are right."""
    asked = _asked(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end too
    results = Results(_file(asked.sf, asked.megabits, asked.peers))
    wanted = [(p, q) for p in asked.placements for q in asked.queries]
    done = {} if asked.again else results.cells()
    missing = [(p, q) for p, q in wanted if key(p, q) not in done]
    if missing and not asked.report:
        with stores(asked.sf) as ready:
            for placement in asked.placements:
                numbers = [q for p, q in missing if p == placement]
                if numbers:
                    _measure(ready, placement, numbers, asked, results)
    cells = results.cells()
    shown = {key(p, q): cells[key(p, q)] for p, q in wanted if key(p, q) in cells}
    print(summaries(shown) if asked.report == "summary" else table(shown))
    if asked.fragments:
        print(f"\n{fragments(shown)}")
    print(f"\n{results.path}", file=sys.stderr)
    return 0 if all(cell["ours"]["right"] for cell in shown.values()) else 1


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks tpch", description=__doc__)
    parser.add_argument("--sf", type=float, default=0.1, help="scale factor")
    parser.add_argument("--placements", type=_words, default=list(PLACEMENTS))
    parser.add_argument("--queries", type=_numbers, default=list(range(1, 23)))
    parser.add_argument("--runs", type=int, default=3, help="timed runs after one to warm up")
    parser.add_argument("--megabits", type=float, help="speed of the line; default: loopback")
    parser.add_argument(
        "--peers", type=_peers, default=None, help="attach,trino or none; default: what can run"
    )
    parser.add_argument("--again", action="store_true", help="measure finished cells again")
    parser.add_argument(
        "--report", choices=("full", "summary"), help="print what is measured, measure nothing"
    )
    parser.add_argument(
        "--fragments",
        action="store_true",
        help="what moved where a query is above ATTACH's bytes",
    )
    asked = parser.parse_args(arguments)
    asked.peers = _possible() if asked.peers is None else asked.peers
    return asked


def _possible() -> list[str]:
    if trino.java_home() is not None:
        return list(PEERS)
    print(f"without Trino: no JDK of {trino.JAVA_LEAST} or later", file=sys.stderr)
    return ["attach"]


def _peers(text: str) -> list[str]:
    found = [] if text == "none" else text.split(",")
    if not set(found) <= set(PEERS):
        raise argparse.ArgumentTypeError(f"peers are {', '.join(PEERS)}, or none")
    return [peer for peer in PEERS if peer in found]


def _words(text: str) -> list[str]:
    found = text.split(",")
    if not set(found) <= set(PLACEMENTS):
        raise argparse.ArgumentTypeError(f"placements are {', '.join(PLACEMENTS)}")
    return found


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _file(scale: float, megabits: float | None, peers: Sequence[str]) -> Path:
    """All sides of a cell were measured in one run, so other peers are another file."""
    line = "loopback" if megabits is None else f"{megabits:g}mbit"
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"tpch_sf{scale:g}_{line}_{'_'.join(peers) or 'alone'}.json"


def _measure(
    ready: Stores, name: str, numbers: list[int], asked: argparse.Namespace, results: Results
) -> None:
    """The missing cells of one placement, each kept as soon as it is there."""
    placement = PLACEMENTS[name]
    names = sides_for(placement, ["ours", *asked.peers])
    with (
        duckdb.connect() as whole,
        measure.proxies(ready, asked.megabits) as lines,
        contenders(ready, placement, lines, names) as sides,
    ):
        for each in TABLES:
            whole.execute(f"CREATE VIEW {each} AS FROM '{ready.duckdb.parent / each}.parquet'")
        for query in numbers:
            sql = queries()[query]
            expected = measure.central(whole, sql)
            cell = measure.cell(sql, sides, expected, lines, placement, asked.runs)
            results.keep(name, query, cell)
            print(f"{key(name, query)} {_line(cell)}", file=sys.stderr, flush=True)


def _line(cell: Cell) -> str:
    return "  ".join(
        f"{NAMES[name]} {side['ms']:.0f} ms {side['bytes'] / 1000:,.0f} kB "
        f"{side['error'] or side['difference'] or 'right'}"
        for name, side in cell.items()
    )
