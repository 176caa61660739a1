"""What is measured, each step in a process of its own so that its memory is its own."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from catalog.catalog import Catalog
from catalog.refresh import refresh
from connectors.config import Settings

Figures = dict[str, Any]
ROLE_SHARE = 2


def apart(step: Callable[..., Figures], *arguments: object) -> Figures:
    """The step's figures with wall and processor seconds and the most memory (bytes) it took."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found: Figures = pool.apply(_measured, (step, arguments))
    return found


def _measured(step: Callable[..., Figures], arguments: Sequence[object]) -> Figures:
    begin, processor = time.perf_counter(), time.process_time()
    found = step(*arguments)
    return {
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        **found,
    }


def read_all(settings: Settings) -> Figures:
    """Refresh all silos without statistics."""
    report = refresh(settings, profile=False)
    return {
        "tables": report.tables,
        "embedded": report.embedded,
        "changes": len(report.changes),
        "failed": dict(report.failed),
    }


def search_all(settings: Settings, questions: Sequence[tuple[str, str]]) -> Figures:
    """Ask every (question, language) once: (wall, processor) milliseconds, also for a role."""
    catalog = Catalog.open(settings)
    begin = time.perf_counter()
    catalog.warm()
    opened = time.perf_counter() - begin
    catalog.search("warm up", "en")
    names = sorted(table.full_name for table in catalog.schema)
    role = frozenset(names[::ROLE_SHARE])
    found = {
        "opening_s": opened,
        "ms": [_timed(catalog, text, language, None) for text, language in questions],
        "again_ms": [_timed(catalog, text, language, None) for text, language in questions],
        "role_ms": [_timed(catalog, f"{text} ", language, role) for text, language in questions],
    }
    catalog.close()
    return found


def _timed(
    catalog: Catalog, question: str, language: str, role: frozenset[str] | None
) -> tuple[float, float]:
    begin, processor = time.perf_counter(), time.process_time()
    catalog.search(question, language, role_tables=role)
    taken = (time.perf_counter() - begin) * 1000
    return taken, (time.process_time() - processor) * 1000


def size_on_disk(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
