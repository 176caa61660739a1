"""`python -m benchmarks transport`: rows a second and memory, beside the raw drivers."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import PEERS, peer_python
from benchmarks.tpch.stores import Stores, stores
from benchmarks.transport.ways import statement

RAW = {
    "PostgreSQL": ("adbc",),
    "MariaDB": ("connectorx", "pymysql"),
    "SQLite": ("sqlite3",),
    "DuckDB": ("duckdb",),
}
SHARE, MOST_MB = 0.9, 300.0


@dataclass(frozen=True)
class Speed:
    """Medians of one way over one store."""

    rows: int
    rows_per_second: float
    mb: float


@dataclass(frozen=True)
class Line:
    """One store: through the product, with the raw drivers, and a large stream into the engine."""

    store: str
    ours: Speed
    raw: Mapping[str, Speed]
    streamed: Speed

    @property
    def share(self) -> float:
        """Our rows a second, as a share of the fastest driver's."""
        return self.ours.rows_per_second / max(one.rows_per_second for one in self.raw.values())


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table; 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks transport", description=__doc__)
    parser.add_argument("--sf", type=float, default=1.0, help="scale factor of the stored TPC-H")
    parser.add_argument("--orders", type=int, default=600_000, help="about so many rows for speed")
    parser.add_argument("--streamed", type=int, default=3_000_000, help="and for memory")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(arguments)
    with stores(asked.sf) as ready:
        lines = [
            Line(
                store,
                _speed("executor", url, asked.orders, asked.runs),
                {way: _speed(way, url, asked.orders, asked.runs) for way in RAW[store]},
                _speed("engine", url, asked.streamed, 1),
            )
            for store, url in urls(ready).items()
        ]
    print(table(lines))
    return 0 if all(line.share >= SHARE and line.streamed.mb < MOST_MB for line in lines) else 1


def urls(ready: Stores) -> Mapping[str, str]:
    """Where each store answers, with nothing in between."""
    return {
        "PostgreSQL": f"postgresql://postgres@127.0.0.1:{ready.postgres_port}/{ready.name}",
        "MariaDB": f"mysql://root@127.0.0.1:{ready.mysql_port}/{ready.name}",
        "SQLite": f"sqlite:///{ready.sqlite.absolute()}",
        "DuckDB": f"duckdb:///{ready.duckdb.absolute()}",
    }


def _speed(way: str, url: str, orders: int, runs: int) -> Speed:
    """Each run in a process of its own, so that peaks of memory do not add up."""
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.transport.ways", way, url]
    command.append(str(orders))
    if way == "connectorx":
        command = [peer_python(), PEERS / "read_connectorx.py", url, statement(orders)]
    found = [json.loads(subprocess.check_output(command, text=True)) for _ in range(runs)]
    seconds = statistics.median(one["seconds"] for one in found)
    print(f"{way} {url.split(':')[0]} {seconds:.2f} s", file=sys.stderr, flush=True)
    rows = found[0]["rows"]
    return Speed(rows, rows / seconds, statistics.median(one["mb"] for one in found))


def table(lines: Sequence[Line]) -> str:
    """The lines as Markdown."""
    titles = ("silo", "rows", "ours", "raw drivers", "share", "streamed", "rows/s", "peak")
    rules = ("---", "--:", "--:", "---", "--:", "--:", "--:", "--:")
    rows = [
        (
            one.store,
            f"{one.ours.rows:,}",
            f"{one.ours.rows_per_second:,.0f}/s",
            ", ".join(f"{way} {raw.rows_per_second:,.0f}/s" for way, raw in one.raw.items()),
            f"{one.share:.2f}",
            f"{one.streamed.rows:,}",
            f"{one.streamed.rows_per_second:,.0f}",
            f"+{one.streamed.mb:.0f} MB",
        )
        for one in lines
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rules, *rows))
