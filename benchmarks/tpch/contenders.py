"""Who is measured: each a child process that answers one JSON line per query."""

import json
import select
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.environment import peer_python
from benchmarks.proxy import Proxy
from benchmarks.tpch.placements import Placement
from benchmarks.tpch.stores import Stores

ATTACH = Path(__file__).parents[1] / "peers" / "attach.py"
LONGEST_S = 600.0


class ContenderDied(Exception):
    """The child ended without an answer."""


@dataclass
class Contender:
    """A child process; after a query that takes too long it is started anew.

    Attributes:
        command: How it is started.
        setup: Its first line in.
    """

    command: Sequence[str | Path]
    setup: dict[str, Any]
    child: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        """Start it; returns when it is ready for queries."""
        self.child = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._ask(self.setup)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.child.kill()
        self.child.communicate()

    def answer(self, sql: str) -> dict[str, Any]:
        """The child's answer, or an error when it takes too long or dies."""
        try:
            return self._ask({"sql": sql})
        except (ContenderDied, TimeoutError, OSError) as error:
            self.__exit__(None, None, None)
            self.__enter__()
            return {"seconds": LONGEST_S, "rows": [], "error": str(error)}

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.child.stdin is None or self.child.stdout is None:
            raise ContenderDied("it has no pipes")
        self.child.stdin.write(json.dumps(request) + "\n")
        self.child.stdin.flush()
        if not select.select([self.child.stdout], [], [], LONGEST_S)[0]:
            raise TimeoutError(f"no answer within {LONGEST_S:.0f} s")
        line = self.child.stdout.readline()
        if not line:
            raise ContenderDied("the process ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


def ours(stores: Stores, placement: Placement, proxies: dict[str, Proxy]) -> Contender:
    """The product; its catalog is read past the proxies."""
    ports = {kind: proxy.port for kind, proxy in proxies.items()}
    past = {kind: proxy.target[1] for kind, proxy in proxies.items()}
    setup = {"silos": _silos(stores, placement, ports), "catalog": _silos(stores, placement, past)}
    return Contender([sys.executable, "-m", "benchmarks.tpch.ours"], setup)


def _silos(stores: Stores, placement: Placement, ports: dict[str, int]) -> list[dict[str, Any]]:
    urls = {
        "postgresql": f"postgresql://postgres@127.0.0.1:{ports['postgresql']}/{stores.name}",
        "mysql": f"mysql://root@127.0.0.1:{ports['mysql']}/{stores.name}?compress=true",
        "sqlite": f"sqlite:///{stores.sqlite.absolute()}",
        "duckdb": f"duckdb:///{stores.duckdb.absolute()}",
    }
    return [
        {"name": silo, "url": urls[kind], "include": tables}
        for silo, (kind, tables) in placement.items()
    ]


def peer(stores: Stores, placement: Placement, proxies: dict[str, Proxy]) -> Contender:
    """DuckDB with ATTACH, in its own environment."""
    database = f"host=127.0.0.1 port={proxies['postgresql'].port} user=postgres"
    targets = {
        "postgresql": ("postgres", f"{database} dbname={stores.name}", "public"),
        "mysql": (
            "mysql",
            f"host=127.0.0.1 port={proxies['mysql'].port} user=root database={stores.name}",
            stores.name,
        ),
        "sqlite": ("sqlite", str(stores.sqlite.absolute()), "main"),
        "duckdb": ("duckdb", str(stores.duckdb.absolute()), "main"),
    }
    attach = {silo: targets[kind][:2] for silo, (kind, _) in placement.items()}
    views = {
        table: f"{silo}.{targets[kind][2]}.{table}"
        for silo, (kind, tables) in placement.items()
        for table in tables
    }
    return Contender([peer_python(), ATTACH], {"attach": attach, "views": views})
