"""`python -m benchmarks catalog`: 30 real systems refreshed and searched, or killed while at it."""

import argparse
import os
import shutil
import signal
import statistics
import sys
from collections.abc import Sequence

from benchmarks.catalog.kills import kill_refreshes
from benchmarks.catalog.steps import Figures, apart, read_all, search_all, size_on_disk
from benchmarks.catalog.systems import change_one_table, systems
from benchmarks.environment import FOLDER
from benchmarks.retrieval.pairs import read_pairs
from connectors.config import Settings

MOST_COLD_S, MOST_UNCHANGED_S, MOST_SEARCH_MS, MOST_MEMORY = 120, 5, 50, 1_000_000_000


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 when every figure is within its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks catalog", description=__doc__)
    parser.add_argument("--kills", type=int, help="kill so many refreshes instead of measuring")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end too
    folder = FOLDER / "catalog"
    if not asked.kills:
        shutil.rmtree(folder, ignore_errors=True)
    with systems(folder) as settings:
        if asked.kills:
            return _kill(settings, asked.kills)
        rows = _measure(settings)
    print(f"{_machine()}\n\n| what | figure | limit | holds |\n|---|---|---|---|")
    for what, figure, limit, holds in rows:
        print(f"| {what} | {figure} | {limit} | {'yes' if holds else 'NO'} |")
    return 0 if all(row[-1] for row in rows) else 1


def _kill(settings: Settings, points: int) -> int:
    broken = 0
    for outcome in kill_refreshes(settings, lambda _: change_one_table(settings), points):
        print(outcome.line(), flush=True)
        broken += not outcome.intact
    print(f"{points - broken} of {points} catalogs intact")
    return 1 if broken else 0


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{len(os.sched_getaffinity(0))} cores, load of the last minute {load:.1f}"


def _measure(settings: Settings) -> list[tuple[str, str, str, bool]]:
    cold = _said("cold", apart(read_all, settings))
    unchanged = _said("unchanged", apart(read_all, settings))
    change_one_table(settings)
    changed = _said("one table changed", apart(read_all, settings))
    asked = [(text, lang) for pair in read_pairs() for lang, text in pair.questions.items()]
    search = _said("search", apart(search_all, settings, asked))
    memory = max(step["memory"] for step in (cold, unchanged, changed, search))
    disk = size_on_disk(settings.catalog.path / "vectors")
    return [
        ("tables read", f"{cold['tables']:,}", "1,440", cold["tables"] == 1440),
        _seconds("cold refresh", cold, MOST_COLD_S),
        _seconds("refresh, nothing changed", unchanged, MOST_UNCHANGED_S),
        ("documents embedded, nothing changed", *_count(unchanged["embedded"], 0)),
        ("refresh, one table changed", f"{changed['seconds']:.1f} s", "–", True),
        ("documents embedded, one table changed", *_count(changed["embedded"], 1)),
        *(
            _latency(what, search[key])
            for what, key in (
                ("search", "ms"),
                ("search, asked before", "again_ms"),
                ("search, a role that reads half", "role_ms"),
            )
        ),
        ("opening the index", f"{search['opening_s']:.1f} s", "–", True),
        ("most memory", f"{memory / 1e6:.0f} MB", "1,000 MB", memory < MOST_MEMORY),
        ("search index on disk", f"{disk / 1e6:.1f} MB", "–", True),
    ]


def _said(what: str, figures: Figures) -> Figures:
    shown = {k: v for k, v in figures.items() if not isinstance(v, list)}
    print(f"{what}: {shown}", file=sys.stderr, flush=True)
    return figures


def _seconds(what: str, step: Figures, most: float) -> tuple[str, str, str, bool]:
    shown = f"{step['seconds']:.1f} s ({step['cpu_seconds']:.1f} s of processor)"
    return what, shown, f"{most} s", step["seconds"] <= most


def _count(found: int, wanted: int) -> tuple[str, str, bool]:
    return str(found), str(wanted), found == wanted


def _latency(what: str, times: Sequence[tuple[float, float]]) -> tuple[str, str, str, bool]:
    wall, processor = ([pair[side] for pair in times] for side in (0, 1))
    p95, busy = (statistics.quantiles(side, n=20)[-1] for side in (wall, processor))
    shown = (
        f"p50 {statistics.median(wall):.1f} ms, p95 {p95:.1f} ms "
        f"(processor: p50 {statistics.median(processor):.1f} ms, p95 {busy:.1f} ms)"
    )
    return what, shown, f"p95 {MOST_SEARCH_MS} ms", p95 <= MOST_SEARCH_MS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
