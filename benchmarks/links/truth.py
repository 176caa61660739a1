"""Which links the real systems hold: those they declare, and others labelled by hand."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalog.systems import shared

LABELS = Path(__file__).parents[2] / "tests" / "catalog" / "data" / "soft_links.tsv"


@dataclass(frozen=True)
class Column:
    """A line of the list of columns. Names are `table.column`; `references` is one, or empty."""

    system: str
    table: str
    name: str
    type: str
    nullable: bool
    key: bool
    references: str

    @property
    def full_name(self) -> str:
        """`table.column`."""
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class TrueLink:
    """Rows of `left` name rows of `right`; `condition` is `type_column=value` when not all do."""

    left: str
    right: str
    declared: bool
    condition: str = ""

    @property
    def ends(self) -> tuple[str, str]:
        """Both sides in lower case."""
        return self.left.lower(), self.right.lower()


@dataclass(frozen=True)
class System:
    """One real system with what it holds."""

    name: str
    dialect: str
    columns: tuple[Column, ...]
    links: tuple[TrueLink, ...]

    @property
    def declared(self) -> frozenset[tuple[str, str]]:
        """Both sides of each declared link."""
        return frozenset(link.ends for link in self.links if link.declared)

    @property
    def labelled(self) -> frozenset[tuple[str, str]]:
        """Both sides of each link labelled by hand."""
        return frozenset(link.ends for link in self.links if not link.declared)


def declaring_systems() -> tuple[System, ...]:
    """All systems that declare a foreign key."""
    folder = shared() / "real_schemas"
    dialects = {row["system"]: row["dialect"] for row in _read(folder / "systems.tsv")}
    columns: dict[str, list[Column]] = {}
    for row in _read(folder / "columns.tsv"):
        columns.setdefault(row["system"], []).append(_column(row))
    names = [name for name, found in columns.items() if any(c.references for c in found)]
    return tuple(_system(name, dialects[name], columns[name]) for name in names)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t")


def _column(row: dict[str, str]) -> Column:
    return Column(
        row["system"], row["table"], row["column"], row["type"],
        row["nullable"] == "yes", row["primary_key"] == "yes", row["references"],
    )  # fmt: skip


def _system(name: str, dialect: str, columns: list[Column]) -> System:
    declared = [TrueLink(c.full_name, c.references, True) for c in columns if c.references]
    taken = {link.left for link in declared}
    labels = [row for row in _read(LABELS) if row["system"] == name]
    soft = [link for row in labels for link in _labelled(row, columns) if link.left not in taken]
    return System(name, dialect, tuple(columns), (*declared, *soft))


def _labelled(row: dict[str, str], columns: list[Column]) -> Iterator[TrueLink]:
    """One link, or with a left table of `*` one for each table with that column."""
    table, _, name = row["left"].partition(".")
    for column in columns:
        if column.name == name and table in ("*", column.table):
            yield TrueLink(column.full_name, row["right"], False, row["condition"])
