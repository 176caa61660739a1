"""Measured cells, kept in a JSON file as they come, and the tables made from them."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
Cells = Mapping[str, Cell]
NAMES = {"ours": "ours", "attach": "ATTACH", "trino": "Trino"}
PEERS = ("attach", "trino")
MOST_TIME = 1.5


@dataclass(frozen=True)
class Results:
    """Cells by placement and query; each file holds one scale, one speed of the line, its peers."""

    path: Path

    def cells(self) -> dict[str, Cell]:
        """All cells, by a key such as ``D1/07``; empty before the first."""
        if not self.path.exists():
            return {}
        cells: dict[str, Cell] = json.loads(self.path.read_text())["cells"]
        return cells

    def keep(self, placement: str, query: int, cell: Cell) -> None:
        """Add or replace one cell; the file is whole at every moment."""
        cells = {**self.cells(), key(placement, query): cell}
        made = {"means": means(cells), "cells": dict(sorted(cells.items()))}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(made, indent=1))
        fresh.replace(self.path)


def key(placement: str, query: int) -> str:
    """The name of a cell."""
    return f"{placement}/{query:02}"


def geometric_mean(values: Iterable[float]) -> float | None:
    """None when there is no value above 0."""
    logs = [math.log(value) for value in values if value > 0]
    return math.exp(sum(logs) / len(logs)) if logs else None


def percentile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that `share` of the values do not exceed; None of nothing."""
    ranked = sorted(values)
    return ranked[math.ceil(share * len(ranked)) - 1] if ranked else None


def means(cells: Cells) -> dict[str, Cell]:
    """Per placement, and over all, what the goals are about."""
    placements = sorted({name.split("/")[0] for name in cells})
    found = {p: _mean({n: c for n, c in cells.items() if n.startswith(p)}) for p in placements}
    return {**found, "all": _mean(cells)}


def _mean(cells: Cells) -> Cell:
    ours = [cell["ours"] for cell in cells.values()]
    return {
        "queries": len(cells),
        "right": sum(side["right"] for side in ours),
        "ms": geometric_mean(side["ms"] for side in ours if not side["error"]),
        "mb": sum(side["bytes"] for side in ours) / 1e6,
        "plan_ms_p95": percentile((s["plan_ms"] for s in ours if "plan_ms" in s), 0.95),
        "peers": {peer: _against(peer, cells) for peer in PEERS if _both(peer, cells)},
    }


def _against(peer: str, cells: Cells) -> Cell:
    """Of cells both answered. A query for which the peer moves nothing has no ratio of bytes."""
    both = _both(peer, cells)
    times = {name: _time(cell, peer) for name, cell in both.items()}
    worst = max(times, key=times.__getitem__)
    asked = [cell[peer] for cell in cells.values() if peer in cell]
    return {
        "queries": len(asked),
        "right": sum(side["right"] for side in asked),
        "ms": geometric_mean(cell[peer]["ms"] for cell in both.values()),
        "mb": sum(cell[peer]["bytes"] for cell in both.values()) / 1e6,
        "time": geometric_mean(times.values()),
        "worst": worst,
        "worst_time": times[worst],
        "slower": [name for name, ratio in times.items() if ratio > MOST_TIME],
        "fewer": geometric_mean(fewer(c, peer) for c in both.values() if c[peer]["bytes"]),
        "above": [n for n, c in both.items() if c["ours"]["bytes"] > c[peer]["bytes"]],
    }


def _both(peer: str, cells: Cells) -> dict[str, Cell]:
    return {
        name: cell
        for name, cell in cells.items()
        if peer in cell and not cell["ours"]["error"] and not cell[peer]["error"]
    }


def _time(cell: Cell, peer: str) -> float:
    return float(cell["ours"]["ms"] / cell[peer]["ms"])


def fewer(cell: Cell, peer: str) -> float:
    """How many times less than the peer crossed the wire; 0 bytes of ours count as 1."""
    theirs, ours = int(cell[peer]["bytes"]), int(cell["ours"]["bytes"])
    return theirs / max(ours, 1)


def table(cells: Cells) -> str:
    """Markdown: a table per placement, and the means under each."""
    parts = [f"### {p}\n\n{_rows(own)}\n\n{summary(own)}" for p, own in _by_placement(cells)]
    return "\n\n".join([*parts, f"All: {summary(cells)}"])


def summaries(cells: Cells) -> str:
    """The means per placement, and a table of the queries that miss a goal against ATTACH."""
    lines = [f"- {p}: {summary(own)}" for p, own in _by_placement(cells)]
    against = means(cells)["all"]["peers"].get("attach", {"slower": [], "above": []})
    missed = {n: c for n, c in cells.items() if n in {*against["slower"], *against["above"]}}
    text = "\n".join([*lines, f"- All: {summary(cells)}"])
    return f"{text}\n\n{_rows(missed, full=True)}" if missed else text


def _by_placement(cells: Cells) -> list[tuple[str, dict[str, Cell]]]:
    names = sorted({name.split("/")[0] for name in cells})
    return [(p, {n: c for n, c in sorted(cells.items()) if n.startswith(p)}) for p in names]


def _rows(cells: Cells, *, full: bool = False) -> str:
    peers = [peer for peer in PEERS if any(peer in cell for cell in cells.values())]
    sides = [NAMES[side] for side in ("ours", *peers)]
    header = ["query", *(f"{s} ms" for s in sides), "of ATTACH", *(f"{s} kB" for s in sides)]
    rows = [[*header, "fewer", "right", "files kB"]]
    for name, cell in sorted(cells.items()):
        placement, query = name.split("/")
        rows.append(_row(f"{placement} Q{int(query)}" if full else f"Q{int(query)}", cell, peers))
    return markdown(rows)


def _row(name: str, cell: Cell, peers: Sequence[str]) -> list[str]:
    ours = cell["ours"]
    comparable = bool(_both("attach", {name: cell}))
    return [
        name,
        *(f"{cell[s]['ms']:,.0f}" if s in cell else "–" for s in ("ours", *peers)),
        f"{_time(cell, 'attach'):.2f}" if comparable else "–",
        *(f"{cell[s]['bytes'] / 1000:,.1f}" if s in cell else "–" for s in ("ours", *peers)),
        f"{fewer(cell, 'attach'):,.1f}x" if comparable and cell["attach"]["bytes"] else "–",
        _verdict(cell),
        f"{ours['file_bytes'] / 1000:,.1f}",
    ]


def _verdict(cell: Cell) -> str:
    failed = [
        f"{NAMES[side]} {'error' if cell[side]['error'] else 'WRONG'}"
        for side in NAMES
        if side in cell and not cell[side]["right"]
    ]
    return ", ".join(failed) or "all"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table of right-aligned columns; the first row is its header."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def summary(cells: Cells) -> str:
    """What the goals are about, in words."""
    mean = _mean(cells)
    parts = [f"ours {mean['right']} of {mean['queries']} right"]
    if mean["ms"] is not None:
        parts[0] += f", {mean['ms']:.0f} ms (geometric mean), {mean['mb']:,.1f} MB in all"
    if mean["plan_ms_p95"] is not None:
        parts[0] += f", planning p95 {mean['plan_ms_p95']:.0f} ms"
    parts += [_compared(NAMES[peer], found) for peer, found in mean["peers"].items()]
    return ". ".join(parts) + "."


def _compared(name: str, found: Cell) -> str:
    worst, query = found["worst"].split("/")
    less = f", {found['fewer']:,.1f}x fewer bytes" if found["fewer"] is not None else ""
    return (
        f"{name} {found['right']} of {found['queries']} right, {found['ms']:.0f} ms, "
        f"{found['mb']:,.1f} MB: ours {found['time']:.2f} of its time (at worst "
        f"{found['worst_time']:.1f}, {worst} Q{int(query)}; {len(found['slower'])} above "
        f"{MOST_TIME}){less}, {len(found['above'])} above its bytes"
    )


def fragments(cells: Cells) -> str:
    """For each query above ATTACH's bytes: its fragments, those that move the most first."""
    parts = []
    for name in means(cells)["all"]["peers"].get("attach", {"above": ()})["above"]:
        ours, peer = cells[name]["ours"], cells[name]["attach"]
        title = f"### {name}: {ours['bytes'] / 1000:,.1f} kB, ATTACH {peer['bytes'] / 1000:,.1f}"
        moved = sorted(ours["fragments"], key=lambda f: -f["bytes"])
        parts.append("\n".join([title, *map(_fragment, moved)]))
    return "\n\n".join(parts)


def _fragment(moved: Cell) -> str:
    kept = f"\n  kept: {'; '.join(moved['kept'])}" if moved["kept"] else ""
    return (
        f"- {moved['silo']}: {moved['rows']:,} rows, {moved['bytes'] / 1000:,.1f} kB, "
        f"{moved['keys_sent']:,} keys sent, {moved['ms']:.0f} ms: `{moved['sql'][:600]}`{kept}"
    )
