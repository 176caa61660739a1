"""What is planned: TPC-H with the statistics of its scale, and one query over twelve tables."""

from collections.abc import Mapping

from benchmarks.tpch.placements import PLACEMENTS, silo_of
from benchmarks.tpch.stores import KEYS
from connectors.schema import Column, ColumnStats, SiloSchema, Table
from connectors.silos import duckdb, mysql, postgresql, sqlite
from connectors.silos.base import Capabilities
from tests.connectors.planner.tpch_world import COLUMNS

SCALE = 0.1
ROWS: Mapping[str, float] = {
    "region": 5 / SCALE, "nation": 25 / SCALE, "supplier": 1e4, "customer": 15e4, "part": 2e5,
    "partsupp": 8e5, "orders": 15e5, "lineitem": 6e6,
}  # fmt: skip
REFERENCES: Mapping[str, str] = {
    "nationkey": "nation", "regionkey": "region", "suppkey": "supplier", "custkey": "customer",
    "partkey": "part", "orderkey": "orders",
}  # fmt: skip
FEW = 50
CAPABILITIES: Mapping[str, Capabilities] = {
    "postgresql": postgresql.Connector.capabilities,
    "mysql": mysql.Connector.capabilities,
    "sqlite": sqlite.Connector.capabilities,
    "duckdb": duckdb.Connector.capabilities,
}
SILOS = {"crm": "postgresql", "shop": "mysql", "service": "sqlite", "dwh": "duckdb"}


def tpch(placement: str) -> tuple[SiloSchema, dict[str, Capabilities]]:
    """The eight tables where a placement puts them, and what their silos can do."""
    silos = PLACEMENTS[placement]
    tables = (_tpch_table(name, silo_of(silos, name)) for name in COLUMNS)
    return SiloSchema(tables), {silo: CAPABILITIES[kind] for silo, (kind, _) in silos.items()}


def _tpch_table(name: str, silo: str) -> Table:
    rows = round(ROWS[name] * SCALE)
    columns = tuple(Column(c, _canonical(kind), kind) for c, kind in COLUMNS[name].items())
    stats = {c.name: ColumnStats(distinct=_distinct(c.name, rows)) for c in columns}
    return Table(
        silo, "main", name, columns, primary_key=KEYS[name], row_estimate=rows, stats=stats
    )


def _canonical(kind: str) -> str:
    return "VARCHAR" if kind.startswith("VARCHAR") else kind.replace("(15,2)", "(15, 2)")


def _distinct(column: str, rows: int) -> int:
    owner = REFERENCES.get(column.split("_")[1])
    return min(rows, round(ROWS[owner] * SCALE) if owner else FEW)


def twelve() -> tuple[SiloSchema, Mapping[str, Capabilities]]:
    """Twelve tables in four silos, three each, and what these can do."""
    kinds = ("id BIGINT", "vorher BIGINT", "name VARCHAR", "tag DATE", "betrag DECIMAL(12, 2)")
    columns = tuple(Column(*kind.split(" ", 1)) for kind in (*kinds, *_more()))
    tables = [
        Table(
            list(SILOS)[number % 4], "main", f"t{number}", columns, primary_key=("id",),
            row_estimate=1_000 * 3**number, stats={"vorher": ColumnStats(distinct=500 * 3**number)},
        )
        for number in range(12)
    ]  # fmt: skip
    return SiloSchema(tables), {name: CAPABILITIES[kind] for name, kind in SILOS.items()}


def over_twelve(run: int) -> str:
    """A query that joins all twelve; each run's has a text of its own, so that none is known."""
    joins = " ".join(f"JOIN t{n} ON t{n}.vorher = t{n - 1}.id" for n in range(1, 12))
    each = "t{0}.name <> 'a{1}' AND t{0}.tag > DATE '2026-01-01'"
    where = " AND ".join(each.format(number, run) for number in range(12))
    return (
        "SELECT t0.name, t5.tag, sum(t11.betrag) AS summe, count(DISTINCT t7.id) AS zahl"
        f" FROM t0 {joins} WHERE {where} AND t3.id IN (SELECT vorher FROM t9 WHERE betrag > 5)"
        " GROUP BY t0.name, t5.tag ORDER BY summe DESC LIMIT 20"
    )


def _more() -> list[str]:
    return [f"merkmal_{number} VARCHAR" for number in range(10)]
