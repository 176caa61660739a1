"""Measured cells, kept in a JSON file as they come, and the table made from them."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
_MEASURED = ("query", "ours ms", "peer ms", "time", "ours kB", "peer kB", "fewer")
HEADER = (*_MEASURED, "ours", "peer", "files kB")


@dataclass(frozen=True)
class Results:
    """Cells by placement and query; each file holds one scale and one speed of the line."""

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
        made = {"geometric_means": means(cells), "cells": dict(sorted(cells.items()))}
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


def means(cells: dict[str, Cell]) -> dict[str, Cell]:
    """Per placement, and over all, what the issue's goals are about; of cells both answered."""
    placements = sorted({name.split("/")[0] for name in cells})
    found = {p: _mean([c for n, c in cells.items() if n.startswith(p)]) for p in placements}
    return {**found, "all": _mean(list(cells.values()))}


def _mean(cells: Sequence[Cell]) -> Cell:
    """Queries for which the peer moves nothing have no ratio of bytes: there is nothing to save."""
    both = [c for c in cells if not c["ours"]["error"] and not c["peer"]["error"]]
    plans = sorted(c["ours"]["plan_ms"] for c in cells if "plan_ms" in c["ours"])
    return {
        "queries": len(cells),
        "ours_right": sum(c["ours"]["right"] for c in cells),
        "peer_right": sum(c["peer"]["right"] for c in cells),
        "ours_ms": geometric_mean(c["ours"]["ms"] for c in both),
        "peer_ms": geometric_mean(c["peer"]["ms"] for c in both),
        "time_ratio": geometric_mean(c["ours"]["ms"] / c["peer"]["ms"] for c in both),
        "slowest_ratio": max((c["ours"]["ms"] / c["peer"]["ms"] for c in both), default=None),
        "ours_mb": sum(c["ours"]["bytes"] for c in both) / 1e6,
        "peer_mb": sum(c["peer"]["bytes"] for c in both) / 1e6,
        "fewer_bytes": geometric_mean(fewer(c) for c in both if c["peer"]["bytes"]),
        "more_bytes_than_peer": sum(c["ours"]["bytes"] > c["peer"]["bytes"] for c in both),
        "plan_ms_p95": plans[math.ceil(0.95 * len(plans)) - 1] if plans else None,
    }


def fewer(cell: Cell) -> float:
    """How many times less than the peer crossed the wire; 0 bytes of ours count as 1."""
    peer, ours = int(cell["peer"]["bytes"]), int(cell["ours"]["bytes"])
    return peer / max(ours, 1)


def table(cells: dict[str, Cell]) -> str:
    """Markdown: a table per placement, and a line of means under each."""
    parts = []
    for placement in sorted({name.split("/")[0] for name in cells}):
        chosen = {n.split("/")[1]: c for n, c in cells.items() if n.startswith(placement)}
        rows = [_row(f"Q{int(query)}", cell) for query, cell in sorted(chosen.items())]
        parts.append(f"### {placement}\n\n{_markdown([HEADER, *rows])}\n\n{_summary(chosen)}")
    return "\n\n".join([*parts, f"All: {_summary(cells)}"])


def _row(name: str, cell: Cell) -> Sequence[str]:
    ours, peer = cell["ours"], cell["peer"]
    both = not ours["error"] and not peer["error"]
    return (
        name,
        f"{ours['ms']:.0f}",
        f"{peer['ms']:.0f}",
        f"{ours['ms'] / peer['ms']:.2f}" if both else "–",
        f"{ours['bytes'] / 1000:,.1f}",
        f"{peer['bytes'] / 1000:,.1f}",
        f"{fewer(cell):,.1f}x" if both and peer["bytes"] else "–",
        _verdict(ours),
        _verdict(peer),
        f"{ours['file_bytes'] / 1000:,.1f}",
    )


def _verdict(side: Cell) -> str:
    return "error" if side["error"] else "right" if side["right"] else "WRONG"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _summary(cells: dict[str, Cell]) -> str:
    mean = _mean(list(cells.values()))
    right = f"right: ours {mean['ours_right']}, peer {mean['peer_right']} of {mean['queries']}"
    if mean["fewer_bytes"] is None:
        return right + "."
    return (
        f"{right}. Geometric means: {mean['ours_ms']:.0f} ms against {mean['peer_ms']:.0f} ms "
        f"({mean['time_ratio']:.2f} of the peer's time, at worst {mean['slowest_ratio']:.1f}), "
        f"{mean['fewer_bytes']:.1f}x fewer bytes. In all {mean['ours_mb']:,.1f} MB against "
        f"{mean['peer_mb']:,.1f} MB; {mean['more_bytes_than_peer']} queries above the peer's "
        f"bytes. Planning p95 {mean['plan_ms_p95']:.0f} ms."
    )


def fragments(cells: dict[str, Cell]) -> str:
    """For each query above the peer's bytes: its fragments, those that move the most first."""
    parts = []
    for name, cell in sorted(cells.items()):
        ours, peer = cell["ours"], cell["peer"]
        if ours["bytes"] > peer["bytes"] and not ours["error"]:
            title = f"### {name}: {ours['bytes'] / 1000:,.1f} kB, peer {peer['bytes'] / 1000:,.1f}"
            moved = sorted(ours["fragments"], key=lambda f: -f["bytes"])
            parts.append("\n".join([title, *map(_fragment, moved)]))
    return "\n\n".join(parts)


def _fragment(moved: Cell) -> str:
    kept = f"\n  kept: {'; '.join(moved['kept'])}" if moved["kept"] else ""
    return (
        f"- {moved['silo']}: {moved['rows']:,} rows, {moved['bytes'] / 1000:,.1f} kB of Arrow, "
        f"{moved['keys_sent']:,} keys sent, {moved['ms']:.0f} ms: `{moved['sql'][:600]}`{kept}"
    )
