"""The product as a contender: the same protocol as peers/attach.py, in a process of its own.

First line in: {"silos": [...], "catalog": [...]}, settings of the silos behind the proxies and
past them (the catalog is read before anything is measured). Then {"sql": ...} -> {"seconds": ...,
"rows": [[...]], "error": ..., "plan_ms": ..., "engine_ms": ..., "fragments": [...]}.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from catalog.introspection import Meter, Reading
from connectors.clock import Cancellation, Clock
from connectors.config import EngineSettings, Settings, SiloSettings
from connectors.errors import RundblickError
from connectors.federation import Federation
from connectors.query import QueryResult
from connectors.schema import SiloSchema, Table

ENGINE = EngineSettings(memory_mb=4096, timeout_s=600, threads=2)
LIMITS = {"max_rows": 100_000_000, "max_bytes": 100_000_000_000, "timeout_s": 600}


def open_federation(setup: dict[str, Any]) -> Federation:
    """The federation over the silos, with the catalog as `rundblick catalog refresh` reads it."""
    behind, past = (
        tuple(SiloSettings(**silo, limits=LIMITS) for silo in setup[key])
        for key in ("silos", "catalog")
    )
    reading = Reading(True, {}, Meter(None), Cancellation())
    tables: list[Table] = []
    for read in reading.all(past):
        if read.error is not None:
            raise read.error
        tables += read.tables
    schema = SiloSchema(tables)
    settings = Settings(path=Path("silos.yaml"), silos=behind, engine=ENGINE)
    return Federation.open(settings, lambda: schema, clock=Clock())


def answer(federation: Federation, sql: str) -> dict[str, Any]:
    """Rows as text, the seconds they took, and what each fragment moved."""
    started = time.perf_counter()
    try:
        result = federation.run(sql)
        rows = result.rows()
    except RundblickError as error:
        text = f"{type(error).__name__}: {error}"
        return {"seconds": time.perf_counter() - started, "error": text, "rows": []}
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "rows": [[str(value) for value in row] for row in rows],
        "error": None,
        "plan_ms": _plan_ms(federation, sql),
        "engine_ms": result.receipt.engine_ms,
        "fragments": _fragments(result),
    }


def _plan_ms(federation: Federation, sql: str) -> float:
    started = time.perf_counter()
    federation.explain(sql)
    return (time.perf_counter() - started) * 1000


def _fragments(result: QueryResult) -> list[dict[str, Any]]:
    """Statements may carry thousands of keys: they are cut."""
    return [
        {
            "silo": fragment.silo,
            "sql": fragment.sql[:2_000],
            "rows": fragment.rows,
            "bytes": fragment.bytes,
            "keys_sent": fragment.keys_sent,
            "ms": fragment.ms,
            "kept": [reason[:200] for reason in fragment.kept],
        }
        for fragment in result.receipt.fragments
    ]


def main() -> None:
    """Open, then answer until the input ends."""
    with open_federation(json.loads(sys.stdin.readline())) as federation:
        print("{}", flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(federation, json.loads(line)["sql"])), flush=True)


if __name__ == "__main__":
    main()
