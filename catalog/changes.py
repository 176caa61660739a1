"""What differs between two versions of the catalog."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from catalog.words import words
from connectors.schema import Column, SiloSchema, Table

Kind = Literal["added", "removed", "changed", "renamed"]
LEAST_ALIKE = 55
LEAST_SAME_COLUMNS = 0.8
# So few columns, or distinct values, are alike by chance.
MOST_COMMON = 2


@dataclass(frozen=True)
class Change:
    """A table or column that is new, gone or different. `column` None means the table itself.

    A rename is a guess: `table` and `column` are the new names, `detail` says what they were.
    """

    kind: Kind
    table: str
    column: str | None = None
    detail: str = ""


def diff(old: SiloSchema, new: SiloSchema) -> tuple[Change, ...]:
    """Changes from `old` to `new`, by table and column; statistics and comments do not count."""
    gone = [table for name, table in old.tables.items() if name not in new.tables]
    fresh = [table for name, table in new.tables.items() if name not in old.tables]
    renamed = {after.full_name: before for before, after in _renamed_tables(gone, fresh)}
    moved = {before.full_name for before in renamed.values()}
    found: list[Change] = []
    for name in sorted(old.tables.keys() | new.tables.keys()):
        before, after = old.tables.get(name), new.tables.get(name)
        if after is None and before is not None and before.full_name not in moved:
            found.append(Change("removed", before.full_name))
        elif before is None and after is not None:
            found += _new_table(after, renamed.get(after.full_name))
        elif before is not None and after is not None:
            found += _of_table(before, after)
    return tuple(found)


def _new_table(after: Table, before: Table | None) -> Iterator[Change]:
    if before is None:
        yield Change("added", after.full_name)
        return
    yield Change("renamed", after.full_name, None, f"was: {before.full_name}")
    yield from _of_table(before, after)


def _renamed_tables(gone: Sequence[Table], fresh: Sequence[Table]) -> Iterator[tuple[Table, Table]]:
    """Tables of one schema with nearly the same columns, each one once, most alike first."""
    pairs = sorted(
        (
            (_same_columns(before, after), before, after)
            for before in gone
            for after in fresh
            if (before.silo, before.schema) == (after.silo, after.schema)
        ),
        key=lambda pair: (-pair[0], pair[1].full_name, pair[2].full_name),
    )
    taken: set[str] = set()
    for share, before, after in pairs:
        if share >= LEAST_SAME_COLUMNS and not taken & {before.full_name, after.full_name}:
            taken |= {before.full_name, after.full_name}
            yield before, after


def _same_columns(before: Table, after: Table) -> float:
    """Share of columns both have; of a table of one or two columns it says nothing."""
    old, new = ({(c.name.lower(), c.type) for c in t.columns} for t in (before, after))
    return len(old & new) / len(old | new) if min(len(old), len(new)) > MOST_COMMON else 0.0


def _of_table(before: Table, after: Table) -> Iterator[Change]:
    name = after.full_name
    for what, old, new in (
        ("kind", before.kind, after.kind),
        ("primary key", _listed(before.primary_key), _listed(after.primary_key)),
    ):
        if old != new:
            yield Change("changed", name, None, f"{what}: {old} → {new}")
    renamed = dict(_renamed_columns(before, after))
    for old_name, new_name in renamed.items():
        column = after.by_name[new_name]
        was = before.by_name[old_name].name
        yield Change("renamed", name, column.name, f"was: {was}")
        yield from _of_column(name, before.by_name[old_name], column)
    known = {*renamed, *renamed.values()}
    for key in sorted((before.by_name.keys() | after.by_name.keys()) - known):
        old_column, new_column = before.by_name.get(key), after.by_name.get(key)
        if old_column is None and new_column is not None:
            yield Change("added", name, new_column.name, new_column.type)
        elif new_column is None and old_column is not None:
            yield Change("removed", name, old_column.name, old_column.type)
        elif old_column is not None and new_column is not None:
            yield from _of_column(name, old_column, new_column)


def _renamed_columns(before: Table, after: Table) -> Iterator[tuple[str, str]]:
    """(Old, new) lower-case names: same type, and a name like it or the same place and figures."""
    gone = [name for name in before.by_name if name not in after.by_name]
    fresh = [name for name in after.by_name if name not in before.by_name]
    places = [{name: place for place, name in enumerate(t.by_name)} for t in (before, after)]
    for old in gone:
        scores = {
            new: _alike(before, after, old, new) + 10 * (places[0][old] == places[1][new])
            for new in fresh
            if before.by_name[old].type == after.by_name[new].type
        }
        best = max(scores, key=lambda new: scores[new], default=None)
        if best is not None and scores[best] >= LEAST_ALIKE:
            fresh.remove(best)
            yield old, best


def _alike(before: Table, after: Table, old: str, new: str) -> float:
    """0 to 100: by the words of both names, or full when all their figures are the same."""
    figures = before.stats.get(before.by_name[old].name), after.stats.get(after.by_name[new].name)
    known = figures[0] is not None and (figures[0].distinct or 0) > MOST_COMMON
    if known and figures[0] == figures[1]:
        return 100.0
    return fuzz.token_sort_ratio(" ".join(words(old)), " ".join(words(new)))


def _of_column(table: str, before: Column, after: Column) -> Iterator[Change]:
    if before.type != after.type:
        yield Change("changed", table, after.name, f"type: {before.type} → {after.type}")
    if before.nullable != after.nullable:
        detail = "may be empty now" if after.nullable else "is never empty now"
        yield Change("changed", table, after.name, detail)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
