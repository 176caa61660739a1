"""What differs between two versions of the catalog."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from connectors.schema import Column, SiloSchema, Table

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Change:
    """A table or column that is new, gone or different. `column` None means the table itself."""

    kind: Kind
    table: str
    column: str | None = None
    detail: str = ""


def diff(old: SiloSchema, new: SiloSchema) -> tuple[Change, ...]:
    """Changes from `old` to `new`, by table and column; statistics and comments do not count."""
    found: list[Change] = []
    for name in sorted(old.tables.keys() | new.tables.keys()):
        before, after = old.tables.get(name), new.tables.get(name)
        if before is None and after is not None:
            found.append(Change("added", after.full_name))
        elif before is not None and after is None:
            found.append(Change("removed", before.full_name))
        elif before is not None and after is not None:
            found += _of_table(before, after)
    return tuple(found)


def _of_table(before: Table, after: Table) -> Iterator[Change]:
    name = after.full_name
    for what, old, new in (
        ("kind", before.kind, after.kind),
        ("primary key", _listed(before.primary_key), _listed(after.primary_key)),
    ):
        if old != new:
            yield Change("changed", name, None, f"{what}: {old} → {new}")
    for key in sorted(before.by_name.keys() | after.by_name.keys()):
        old_column, new_column = before.by_name.get(key), after.by_name.get(key)
        if old_column is None and new_column is not None:
            yield Change("added", name, new_column.name, new_column.type)
        elif new_column is None and old_column is not None:
            yield Change("removed", name, old_column.name, old_column.type)
        elif old_column is not None and new_column is not None:
            yield from _of_column(name, old_column, new_column)


def _of_column(table: str, before: Column, after: Column) -> Iterator[Change]:
    if before.type != after.type:
        yield Change("changed", table, after.name, f"type: {before.type} → {after.type}")
    if before.nullable != after.nullable:
        detail = "may be empty now" if after.nullable else "is never empty now"
        yield Change("changed", table, after.name, detail)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
