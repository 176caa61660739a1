"""Measures one query of one placement on all sides, in turns, and checks what they answer."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from benchmarks.proxy import Proxy
from benchmarks.tpch.answers import difference, same
from benchmarks.tpch.contenders import Contender, Proxies
from benchmarks.tpch.placements import Placement
from benchmarks.tpch.queries import order_columns
from benchmarks.tpch.results import Cell
from benchmarks.tpch.stores import Stores

SERVERS = ("postgresql", "mysql")
ROUNDING = ("trino",)
Expected = tuple[list[list[str]], list[int]]


@contextmanager
def proxies(ready: Stores, megabits: float | None) -> Iterator[dict[str, Proxy]]:
    """A counting proxy in front of each server."""
    with (
        Proxy(("127.0.0.1", ready.postgres_port), megabits) as postgres,
        Proxy(("127.0.0.1", ready.mysql_port), megabits) as mysql,
    ):
        yield {"postgresql": postgres, "mysql": mysql}


def central(connection: duckdb.DuckDBPyConnection, sql: str) -> Expected:
    """The right rows as text, and the positions of the columns they are ordered by."""
    found = connection.execute(sql)
    columns = [column[0] for column in found.description or ()]
    rows = [[str(value) for value in row] for row in found.fetchall()]
    return rows, order_columns(sql, columns)


def cell(
    sql: str,
    sides: Mapping[str, Contender],
    expected: Expected,
    lines: Proxies,
    placement: Placement,
    runs: int,
) -> Cell:
    """Each side once to warm up, whose rows are checked; then the sides in turns, timed.

    The warm-up has the line at full speed: it is there for connections, caches and the answer.
    """
    with _full_speed(lines):
        first = {name: run(side, sql, lines) for name, side in sides.items()}
    taken = {name: [made] if made[0]["error"] else [] for name, made in first.items()}
    for _ in range(runs):
        for name, side in sides.items():
            if not first[name][0]["error"]:
                taken[name].append(run(side, sql, lines))
    made = {name: _side(first[name][0], taken[name], expected, name) for name in sides}
    if "ours" in made:
        made["ours"] |= _moved(made["ours"], placement)
    return made


@contextmanager
def _full_speed(lines: Proxies) -> Iterator[None]:
    speeds = {name: line.megabits for name, line in lines.items()}
    for line in lines.values():
        line.megabits = None
    try:
        yield
    finally:
        for name, line in lines.items():
            line.megabits = speeds[name]


def run(side: Contender, sql: str, lines: Proxies) -> tuple[dict[str, Any], int]:
    """The answer and the bytes that crossed the wire for it, both ways."""
    for proxy in lines.values():
        proxy.counter.reset()
    answer = side.answer(sql)
    return answer, sum(proxy.counter.down + proxy.counter.up for proxy in lines.values())


def _side(
    first: dict[str, Any],
    taken: Sequence[tuple[dict[str, Any], int]],
    expected: Expected,
    name: str,
) -> Cell:
    """Medians of the timed runs; `right` is of the first."""
    answers = [answer for answer, _ in taken]
    rounded = name in ROUNDING
    right = not first["error"] and same(first["rows"], *expected, rounded=rounded)
    plans = [answer["plan_ms"] for answer in answers if "plan_ms" in answer]
    return {
        "ms": statistics.median(answer["seconds"] for answer in answers) * 1000,
        "bytes": int(statistics.median(size for _, size in taken)),
        "right": right,
        "error": first["error"],
        "difference": None if right or first["error"] else difference(first["rows"], expected[0]),
        **({"plan_ms": statistics.median(plans)} if plans else {}),
        **{key: answers[-1][key] for key in ("engine_ms", "fragments") if key in answers[-1]},
    }


def _moved(ours: Cell, placement: Placement) -> Cell:
    """What we read from files, and what our receipt says came from servers."""
    kinds = {silo: kind for silo, (kind, _) in placement.items()}
    moved = [(kinds[f["silo"]] in SERVERS, f["bytes"]) for f in ours.get("fragments", ())]
    return {
        "file_bytes": sum(size for server, size in moved if not server),
        "receipt_bytes": sum(size for server, size in moved if server),
    }
