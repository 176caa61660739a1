"""A table with its statistics as JSON values, and back; by hand, as a catalog has thousands."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from connectors.schema import Column, ColumnStats, ForeignKey, Table

_COLUMN = tuple(field.name for field in fields(Column))
_STATS = tuple(field.name for field in fields(ColumnStats))
_PLAIN = ("silo", "schema", "name", "kind", "comment", "row_estimate")
_LISTS = ("primary_key", "indexes", "unique_keys")


def table_to_json(table: Table) -> dict[str, Any]:
    """The table as JSON values; tuples stay tuples, which JSON writes as lists."""
    return {
        **{name: getattr(table, name) for name in (*_PLAIN, *_LISTS)},
        "columns": [{name: getattr(c, name) for name in _COLUMN} for c in table.columns],
        "foreign_keys": [
            {"columns": key.columns, "table": key.table, "references": key.references}
            for key in table.foreign_keys
        ],
        "stats": {
            name: {part: getattr(stats, part) for part in _STATS}
            for name, stats in table.stats.items()
        },
        "sensitivity": dict(table.sensitivity),
        "newest": table.newest.isoformat() if table.newest else None,
        "recent": table.recent,
    }


def table_from_json(data: Mapping[str, Any]) -> Table:
    """The table that was written.

    Raises:
        KeyError: A part is missing.
        TypeError: A part is not known.
        ValueError: A moment is none.
    """
    return Table(
        **{name: data[name] for name in _PLAIN},
        columns=tuple(Column(**column) for column in data["columns"]),
        primary_key=tuple(data["primary_key"]),
        foreign_keys=tuple(_foreign_key(key) for key in data["foreign_keys"]),
        indexes=tuple(map(tuple, data["indexes"])),
        unique_keys=tuple(map(tuple, data["unique_keys"])),
        stats={name: _stats(stats) for name, stats in data["stats"].items()},
        sensitivity=data["sensitivity"],
        newest=datetime.fromisoformat(data["newest"]) if data["newest"] else None,
        recent=data.get("recent"),  # versions from before growth was read have none
    )


def _foreign_key(data: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(tuple(data["columns"]), data["table"], tuple(data["references"]))


def _stats(data: Mapping[str, Any]) -> ColumnStats:
    return ColumnStats(**{**data, "values": tuple(data["values"])})
