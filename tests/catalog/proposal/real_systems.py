"""The tables of real systems, made from the list of their columns: no server, no rows."""

import csv
import re
from collections import defaultdict
from pathlib import Path

from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.sensitivity import classify
from connectors.config import SiloSettings
from connectors.schema import Column, ForeignKey, SiloSchema, Table

KINDS = {"CRM": "crm", "e-commerce": "shop", "data warehouse": "dwh", "web analytics": "web"}
CANONICAL = re.compile(
    r"BOOLEAN|U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL.*|FLOAT|DOUBLE|VARCHAR|BLOB"
    r"|DATE|TIME|TIMESTAMP|TIMESTAMPTZ|UUID|JSON"
)
SPELLED = {"INT": "INTEGER", "TEXT": "VARCHAR", "REAL": "FLOAT", "TIMESTAMP_S": "TIMESTAMP"}


def real_schema(shared: Path, *systems: str) -> tuple[SiloSchema, list[SiloSettings]]:
    """The schemas of these systems, or of all; each a silo of its name."""
    folder = shared / "real_schemas"
    about = {row["system"]: row for row in _rows(folder / "systems.tsv")}
    columns: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows(folder / "columns.tsv"):
        if not systems or row["system"] in systems:
            columns[row["system"], row["table"]].append(row)
    tables = [_table(system, name, rows) for (system, name), rows in columns.items()]
    silos = [
        SiloSettings(name=name, kind=_kind(row["kind"]), url="sqlite://")
        for name, row in about.items()
        if not systems or name in systems
    ]
    return SiloSchema(tables), silos


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _kind(kind: str) -> str:
    return KINDS.get(kind.removesuffix(" SaaS"), kind.split()[0].lower())


def _table(system: str, name: str, rows: list[dict[str, str]]) -> Table:
    columns = tuple(
        Column(row["column"], _type(row["type"], row["dialect"]), row["type"]) for row in rows
    )
    keys = []
    for row in rows:
        if row["references"]:
            target, _, column = row["references"].rpartition(".")
            keys.append(ForeignKey((row["column"],), f"public.{target}", (column,)))
    table = Table(
        system,
        "public",
        name,
        columns,
        primary_key=tuple(row["column"] for row in rows if row["primary_key"] == "yes"),
        foreign_keys=tuple(keys),
    )
    return Table(**{**vars(table), "sensitivity": classify(table)})


def _type(native: str, dialect: str) -> str:
    plain = re.sub(r"(?i)\s+(?:unsigned|zerofill|character set \S+|collate \S+).*", "", native)
    plain = {"BIGSERIAL": "BIGINT", "SERIAL": "INTEGER"}.get(plain.upper(), plain)
    if plain.lower() == "tinyint(1)":
        return "BOOLEAN"
    try:
        made = exp.DataType.build(plain or "text", dialect=dialect).sql("duckdb")
    except (SqlglotError, ValueError):
        return "VARCHAR"
    spelled = SPELLED.get(re.sub(r"\(.*", "", made), made)
    spelled = re.sub(r"^VARCHAR\(.*", "VARCHAR", spelled)
    if spelled.startswith("DECIMAL(65"):
        return "DOUBLE"
    return spelled if CANONICAL.fullmatch(spelled) else "VARCHAR"
