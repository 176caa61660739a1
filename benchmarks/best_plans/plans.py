"""The plans of plans.toml."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.environment import PEERS, peer_python
from benchmarks.tpch.contenders import Contender, Proxies
from benchmarks.tpch.placements import Placement
from benchmarks.tpch.stores import Stores

LOCAL = "local"


@dataclass(frozen=True)
class Step:
    """A statement whose rows become a relation; in a silo of the placement, or `local`."""

    name: str
    silo: str
    sql: str


@dataclass(frozen=True)
class Plan:
    """One query of one placement."""

    placement: str
    query: int
    why: str
    steps: tuple[Step, ...]
    remainder: str

    def request(self, placement: Placement) -> str:
        """What the runner takes: the steps with the kind of their silo."""
        steps = [
            (s.name, placement[s.silo][0] if s.silo != LOCAL else LOCAL, s.sql) for s in self.steps
        ]
        return json.dumps({"steps": steps, "remainder": self.remainder})


def plans() -> tuple[Plan, ...]:
    """All, in the order of the file."""
    read = tomllib.loads(Path(__file__).with_name("plans.toml").read_text(encoding="utf-8"))
    return tuple(_plan(found) for found in read["plans"])


def _plan(found: Mapping[str, Any]) -> Plan:
    steps = tuple(Step(**step) for step in found["steps"])
    return Plan(found["placement"], found["query"], found["why"], steps, found["remainder"])


def runner(stores: Stores, placement: Placement, proxies: Proxies) -> Contender:
    """Runs plans with the plain drivers, behind the same proxies; its queries are requests."""
    ports = {kind: proxy.port for kind, proxy in proxies.items()}
    login = f"host=127.0.0.1 port={ports['mysql']} user=root database={stores.name}"
    files = {"sqlite": stores.sqlite, "duckdb": stores.duckdb}
    attached = {
        silo: [kind, str(files[kind].absolute())]
        for silo, (kind, _) in placement.items()
        if kind in files
    }
    database = {"host": "127.0.0.1", "port": ports["postgresql"], "user": "postgres"}
    setup = {
        "postgresql": {**database, "dbname": stores.name},
        "attach": {**attached, "mysql": ["mysql", login]},
    }
    return Contender([peer_python(), PEERS / "best_plan.py"], setup)
