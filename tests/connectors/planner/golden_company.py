"""A company of four silos with made-up statistics: what the golden plans are made for."""

from collections.abc import Mapping
from datetime import date

from connectors.binder import bind
from connectors.clock import Clock
from connectors.guard import secure
from connectors.masks import Mask
from connectors.planner import plan
from connectors.planner.plan import FederatedPlan, Fragment
from connectors.policy import Policy, Role
from connectors.schema import Column, ColumnStats, SiloSchema, Table
from connectors.silos import duckdb, mysql, postgresql, sqlite

CLOCK = Clock(date(2026, 10, 31))
CAPABILITIES = {
    "crm": postgresql.Connector.capabilities,
    "shop": mysql.Connector.capabilities,
    "service": sqlite.Connector.capabilities,
    "dwh": duckdb.Connector.capabilities,
}
COLLATIONS = {"crm": "de_CH", "shop": "utf8mb4_general_ci"}
NATIVE = {"crm": "character varying(60)", "shop": "varchar(60)"}
# Table -> rows, then column: type, distinct values (none: unknown); `!` marks the primary key.
TABLES: Mapping[str, tuple[int, str]] = {
    "crm.kunden": (
        100_000,
        "id! BIGINT, name VARCHAR, email VARCHAR, region_id INTEGER 8, segment VARCHAR 4,"
        " seit DATE, aktiv BOOLEAN 2",
    ),
    "crm.regionen": (8, "id! INTEGER, name VARCHAR 8"),
    "shop.bestellungen": (
        2_000_000,
        "id! BIGINT, kunde BIGINT 90000, betrag DECIMAL(12;2), status VARCHAR 4, tag DATE 900",
    ),
    "shop.positionen": (
        6_000_000,
        "id! BIGINT, bestellung BIGINT 2000000, artikel BIGINT 5000, menge INTEGER 20,"
        " preis DECIMAL(12;2)",
    ),
    "service.tickets": (
        300_000,
        "id! BIGINT, kunde BIGINT 60000, punkte INTEGER 5, kanal VARCHAR 3, text VARCHAR",
    ),
    "dwh.umsatz": (50_000, "artikel BIGINT 5000, monat DATE 36, summe DOUBLE, region INTEGER 8"),
    "dwh.sperren": (300, "kunde BIGINT 300, grund VARCHAR 3"),
}
POLICY = Policy(
    {
        "default": Role("default"),
        "analyst": Role(
            "analyst",
            columns={"*.email": Mask("null"), "*.name": Mask("partial", (1, 0))},
            rows={"crm.main.kunden": "segment = 'privat'"},
        ),
    }
)


def _table(name: str, rows: int, columns: str) -> Table:
    silo, short = name.split(".")
    made, stats, keys = [], {}, []
    for text in columns.split(","):
        words = text.split()
        column, kind = words[0].rstrip("!"), words[1].replace(";", ", ")
        is_text = kind == "VARCHAR"
        native = NATIVE.get(silo, "VARCHAR") if is_text else kind
        made.append(
            Column(column, kind, native, collation=COLLATIONS.get(silo) if is_text else None)
        )
        if words[0].endswith("!"):
            keys.append(column)
        if len(words) > 2:
            stats[column] = ColumnStats(distinct=int(words[2]))
    return Table(
        silo, "main", short, tuple(made), primary_key=tuple(keys), row_estimate=rows, stats=stats
    )


SCHEMA = SiloSchema(_table(name, rows, columns) for name, (rows, columns) in TABLES.items())


def planned(sql: str, role: str | None = None) -> FederatedPlan:
    """The plan of one query over the company."""
    return plan(secure(bind(sql, SCHEMA, CLOCK), POLICY, role), CAPABILITIES)


def written(made: FederatedPlan) -> str:
    """A plan as a golden file has it."""
    lines = []
    for fragment in made.fragments:
        lines += _fragment(fragment)
    lines.append(f"remainder: {made.remainder or 'none'}")
    lines += [f"note: {note}" for note in made.notes]
    return "\n".join(lines)


def _fragment(fragment: Fragment) -> list[str]:
    rows = "unknown" if fragment.estimated_rows is None else f"{fragment.estimated_rows:,}"
    lines = [f"{fragment.name} {fragment.silo}, {rows} rows: {fragment.sql}"]
    lines += [f"  pushed: {phrase}" for phrase in fragment.pushed]
    lines += [f"  kept: {phrase}" for phrase in fragment.kept]
    for key in fragment.keys:
        column = key.column.sql("duckdb", comments=False)
        lines.append(f"  keys: {column} among {key.fragment}.{key.key}, at most {key.limit:,}")
    return lines
