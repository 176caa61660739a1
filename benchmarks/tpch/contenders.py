"""Who is measured: each a child process that answers one JSON line per query."""

import json
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks import trino
from benchmarks.environment import PEERS, peer_python
from benchmarks.proxy import Proxy
from benchmarks.tpch.placements import Placement
from benchmarks.tpch.queries import canonical, for_trino
from benchmarks.tpch.stores import Stores

LONGEST_S = 600.0
SIDES = ("ours", "attach", "trino")
Proxies = Mapping[str, Proxy]


class ContenderDied(Exception):
    """The child ended without an answer."""


@dataclass
class Contender:
    """A child process; after a query that takes too long it is started anew.

    Attributes:
        command: How it is started.
        setup: Its first line in.
        spell: Gives a query, table names bare, as this contender wants it.
    """

    command: Sequence[str | Path]
    setup: dict[str, Any]
    spell: Callable[[str], str] = str
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
            return self._ask({"sql": self.spell(sql)})
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


def sides_for(placement: Placement, asked: Sequence[str]) -> list[str]:
    """Those of the asked sides that can reach every silo: Trino has no connector for SQLite."""
    kinds = {kind for kind, _ in placement.values()}
    return [side for side in asked if side != "trino" or "sqlite" not in kinds]


@contextmanager
def contenders(
    stores: Stores, placement: Placement, proxies: Proxies, sides: Sequence[str]
) -> Iterator[dict[str, Contender]]:
    """The sides, each started and ready for queries."""
    with ExitStack() as started:
        made = {}
        for side in sides:
            if side == "trino":
                port = started.enter_context(trino.server(catalogs(stores, placement, proxies)))
                made[side] = by_trino(stores, placement, port)
            else:
                made[side] = {"ours": ours, "attach": attach}[side](stores, placement, proxies)
            started.enter_context(made[side])
        yield made


def ours(stores: Stores, placement: Placement, proxies: Proxies) -> Contender:
    """The product; its catalog is read past the proxies."""
    ports = {kind: proxy.port for kind, proxy in proxies.items()}
    past = {kind: proxy.target[1] for kind, proxy in proxies.items()}
    setup = {
        "silos": silo_settings(stores, placement, ports),
        "catalog": silo_settings(stores, placement, past),
    }
    command = [sys.executable, "-m", "benchmarks.tpch.ours"]
    return Contender(command, setup, lambda sql: canonical(sql, placement))


def silo_settings(
    stores: Stores, placement: Placement, ports: Mapping[str, int]
) -> list[dict[str, Any]]:
    """What silos.yaml would say; `ports` is by kind."""
    urls = {
        "postgresql": f"postgresql://postgres@127.0.0.1:{ports['postgresql']}/{stores.name}",
        # Rows packed, as from a server on another machine, which the proxy stands for.
        "mysql": f"mysql://root@127.0.0.1:{ports['mysql']}/{stores.name}?compress=true",
        "sqlite": f"sqlite:///{stores.sqlite.absolute()}",
        "duckdb": f"duckdb:///{stores.duckdb.absolute()}",
    }
    return [
        {"name": silo, "url": urls[kind], "include": tables}
        for silo, (kind, tables) in placement.items()
    ]


def attach(stores: Stores, placement: Placement, proxies: Proxies) -> Contender:
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
    attached = {silo: targets[kind][:2] for silo, (kind, _) in placement.items()}
    views = {
        table: f"{silo}.{targets[kind][2]}.{table}"
        for silo, (kind, tables) in placement.items()
        for table in tables
    }
    setup = {"attach": attached, "views": views}
    return Contender([peer_python(), PEERS / "attach.py"], setup)


def by_trino(stores: Stores, placement: Placement, port: int) -> Contender:
    """A client of the Trino server at this port."""
    schemas = {"postgresql": "public", "mysql": stores.name, "duckdb": "main"}
    probes = [
        for_trino(f"SELECT 1 FROM {tables[-1]} LIMIT 1", placement, schemas)
        for _, tables in placement.values()
    ]
    command = [peer_python(), PEERS / "ask_trino.py"]
    setup = {"port": port, "probes": probes}
    return Contender(command, setup, lambda sql: for_trino(sql, placement, schemas))


def catalogs(stores: Stores, placement: Placement, proxies: Proxies) -> dict[str, trino.Properties]:
    """Trino's catalog of each silo, with its own connector of that kind.

    Its DuckDB connector opens files to write, so it has a copy of its own.
    """
    database = {
        "postgresql": f"127.0.0.1:{proxies['postgresql'].port}/{stores.name}",
        "mysql": f"127.0.0.1:{proxies['mysql'].port}",
        "duckdb": str(stores.trino_duckdb()),
    }
    connectors = {
        "postgresql": ("postgresql", "jdbc:postgresql://", {"connection-user": "postgres"}),
        "mysql": ("mariadb", "jdbc:mariadb://", {"connection-user": "root"}),
        "duckdb": ("duckdb", "jdbc:duckdb:", {}),
    }
    made = {}
    for silo, (kind, _) in placement.items():
        connector, scheme, login = connectors[kind]
        url = f"{scheme}{database[kind]}"
        made[silo] = {"connector.name": connector, "connection-url": url, **login}
    return made
