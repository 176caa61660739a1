"""Is a federated answer the central one? Used by tests and by the long run in benchmarks/placement."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import duckdb

from connectors.errors import RundblickError, UsageError
from tests.connectors.planner.generate import Case
from tests.connectors.planner.world import World

Kind = Literal["equal", "invalid", "different", "refused", "failed"]
WRONG = ("different", "refused", "failed")


@dataclass(frozen=True)
class Verdict:
    """What became of one case; `invalid`: DuckDB itself refuses the query."""

    kind: Kind
    text: str = ""

    @property
    def wrong(self) -> bool:
        return self.kind in WRONG


def plain(value: object) -> str:
    """A value as text in which equal values are equal, numbers to 9 digits."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = float(value)
        return f"{number:.9g}" if math.isfinite(number) else str(number)
    return repr(value)


def comparable(rows, ordered: bool = False) -> list[tuple[str, ...]]:
    """Rows as text; sorted, unless their order is part of the answer."""
    made = [tuple(plain(value) for value in row) for row in rows]
    return made if ordered else sorted(made)


def judge(world: World, case: Case, seed: int) -> Verdict:
    """Run one case with the statistics of a seed and compare it with the central answer."""
    try:
        expected = world.expected(case.sql)
    except duckdb.Error:
        return Verdict("invalid")
    federation = world.federation(case.placement, seed)
    try:
        got = federation.run(case.sql).rows()
    except UsageError as error:
        return Verdict("refused", f"{case.placement}\n{case.sql}\nrefused: {error}")
    except RundblickError as error:
        return Verdict("failed", f"{case.placement}\n{case.sql}\n{type(error).__name__}: {error}")
    if comparable(got, case.ordered) == comparable(expected, case.ordered):
        return Verdict("equal")
    plan = federation.explain(case.sql)
    lines = [str(case.placement), case.sql]
    for fragment in plan.fragments:
        keys = ", ".join(f"{key.fragment}.{key.key}" for key in fragment.keys)
        lines.append(
            f"{fragment.name} {fragment.silo}: {fragment.sql}"
            + (f"  [keys {keys}]" if keys else "")
        )
    lines += [f"remainder: {plan.remainder}", f"got      {_few(got)}", f"expected {_few(expected)}"]
    return Verdict("different", "\n".join(lines))


def _few(rows) -> str:
    return f"{len(rows)} rows: {sorted(map(list, rows), key=str)[:6]}"
