"""`python -m benchmarks tpch`: 22 queries, three placements, the product against DuckDB ATTACH."""

import argparse
import signal
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.environment import FOLDER
from benchmarks.proxy import Proxy
from benchmarks.tpch.answers import difference, same
from benchmarks.tpch.contenders import Contender, ours, peer
from benchmarks.tpch.placements import PLACEMENTS, TABLES, Placement
from benchmarks.tpch.queries import canonical, order_columns, queries
from benchmarks.tpch.results import Cell, Results, fragments, key, table
from benchmarks.tpch.stores import Stores, stores

SERVERS = ("postgresql", "mysql")


def main(arguments: Sequence[str]) -> int:
    """Measure what is not measured yet, print the table; 0 when all our answers are right."""
    asked = _asked(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end too
    results = Results(_file(asked.sf, asked.megabits))
    wanted = [(p, q) for p in asked.placements for q in asked.queries]
    done = results.cells()
    if asked.again or any(key(p, q) not in done for p, q in wanted):
        with stores(asked.sf) as ready:
            for placement in asked.placements:
                queries = [q for q in asked.queries if asked.again or key(placement, q) not in done]
                _measure(ready, placement, queries, asked, results)
    cells = results.cells()
    shown = {key(p, q): cells[key(p, q)] for p, q in wanted}
    print(table(shown))
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
        "--again",
        choices=("ours", "all"),
        help="measure finished cells again; `ours` keeps the peer's figures",
    )
    parser.add_argument(
        "--fragments",
        action="store_true",
        help="what moved where a query is above the peer's bytes",
    )
    return parser.parse_args(arguments)


def _words(text: str) -> list[str]:
    found = text.split(",")
    if not set(found) <= set(PLACEMENTS):
        raise argparse.ArgumentTypeError(f"placements are {', '.join(PLACEMENTS)}")
    return found


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _file(scale: float, megabits: float | None) -> Path:
    line = "loopback" if megabits is None else f"{megabits:g}mbit"
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"tpch_sf{scale:g}_{line}.json"


def _measure(
    ready: Stores, name: str, numbers: list[int], asked: argparse.Namespace, results: Results
) -> None:
    """The missing cells of one placement, each kept as soon as it is there."""
    if not numbers:
        return
    placement, old = PLACEMENTS[name], results.cells()
    with (
        duckdb.connect() as central,
        _proxies(ready, asked.megabits) as proxies,
        ours(ready, placement, proxies) as we,
        peer(ready, placement, proxies) as they,
    ):
        for each in TABLES:
            central.execute(f"CREATE VIEW {each} AS FROM '{ready.duckdb.parent / each}.parquet'")
        for query in numbers:
            cell = _cell(queries()[query], placement, central, we, proxies, asked.runs)
            before = old.get(key(name, query))
            if asked.again == "ours" and before:
                cell["peer"] = before["peer"]
            else:
                expected = _central(central, queries()[query])
                cell["peer"] = _side(they, queries()[query], expected, proxies, asked.runs)
            results.keep(name, query, cell)
            print(f"{key(name, query)} {_line(cell)}", file=sys.stderr, flush=True)


def _cell(
    sql: str,
    placement: Placement,
    central: duckdb.DuckDBPyConnection,
    we: Contender,
    proxies: dict[str, Proxy],
    runs: int,
) -> Cell:
    side = _side(we, canonical(sql, placement), _central(central, sql), proxies, runs)
    kinds = {silo: kind for silo, (kind, _) in placement.items()}
    moved = [(kinds[f["silo"]] in SERVERS, f["bytes"]) for f in side.get("fragments", ())]
    side["file_bytes"] = sum(size for server, size in moved if not server)
    side["receipt_bytes"] = sum(size for server, size in moved if server)
    return {"ours": side}


def _line(cell: Cell) -> str:
    sides = ("ours", "peer")
    return "  ".join(
        f"{side} {cell[side]['ms']:.0f} ms {cell[side]['bytes'] / 1000:,.0f} kB "
        f"{cell[side]['error'] or cell[side]['difference'] or 'right'}"
        for side in sides
    )


@contextmanager
def _proxies(ready: Stores, megabits: float | None) -> Iterator[dict[str, Proxy]]:
    with (
        Proxy(("127.0.0.1", ready.postgres_port), megabits) as postgres,
        Proxy(("127.0.0.1", ready.mysql_port), megabits) as mysql,
    ):
        yield {"postgresql": postgres, "mysql": mysql}


def _central(central: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[list[str]], list[int]]:
    """The right rows as text, and the positions of the columns they are ordered by."""
    found = central.execute(sql)
    columns = [column[0] for column in found.description or ()]
    rows = [[str(value) for value in row] for row in found.fetchall()]
    return rows, order_columns(sql, columns)


def _side(
    contender: Contender,
    sql: str,
    expected: tuple[list[list[str]], list[int]],
    proxies: dict[str, Proxy],
    runs: int,
) -> dict[str, Any]:
    """One run to warm up, whose rows are checked; then medians of the timed ones."""
    first, moved = _run(contender, sql, proxies)
    right = not first["error"] and same(first["rows"], *expected)
    taken = [(first, moved)] if first["error"] else []
    taken = taken or [_run(contender, sql, proxies) for _ in range(runs)]
    answers = [answer for answer, _ in taken]
    kept: dict[str, Any] = {
        k: answers[-1][k] for k in ("plan_ms", "engine_ms", "fragments") if k in answers[-1]
    }
    return {
        "ms": statistics.median(answer["seconds"] for answer in answers) * 1000,
        "bytes": int(statistics.median(size for _, size in taken)),
        "right": right,
        "error": first["error"],
        "difference": None if right or first["error"] else difference(first["rows"], expected[0]),
        **kept,
    }


def _run(contender: Contender, sql: str, proxies: dict[str, Proxy]) -> tuple[dict[str, Any], int]:
    """The answer and the bytes that crossed the wire for it, both ways."""
    for proxy in proxies.values():
        proxy.counter.reset()
    answer = contender.answer(sql)
    return answer, sum(proxy.counter.down + proxy.counter.up for proxy in proxies.values())
