"""Compares text literals of a statement with the values their columns hold.

Known are the catalog's category values and the model's codes; for other columns that hold neither
personal data nor free text the silo may be asked for its distinct values, a bounded number of them.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from sqlglot import exp

from assistant.checks.scans import column_of, scopes
from catalog.semantic_model import Dataset
from connectors.query import BoundQuery
from connectors.schema import PERSONAL, Column, Table

ALIKE = 88
MOST_PROBED = 2_000
SHOWN = 12
FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
Probe = Callable[[Table, Column], Collection[str] | None]
"""The distinct values of a column, or None when they may not or need not be read."""


@dataclass(frozen=True)
class Literals:
    """What came of a statement's text literals.

    Attributes:
        sql: The statement, near misses corrected.
        found: Number of literals that are values as they stand.
        corrected: "written -> stored" for each correction.
        doubts: One sentence for each literal that no value is like.
    """

    sql: str
    found: int = 0
    corrected: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def link_literals(
    bound: BoundQuery, datasets: Mapping[str, Dataset], probe: Probe, *, show_values: bool = True
) -> Literals:
    """Look up every text literal that is compared with a column for equality.

    Args:
        bound: The statement.
        datasets: By lower-case source, for the meaning of codes.
        probe: Reads a column's values; called once a column at most.
        show_values: Name stored values in doubts, which a model reads.
    """
    linking = _Linking(datasets, probe, show_values)
    tree = bound.tree.copy()
    for literals, table, column in list(_compared(tree, bound)):
        linking.condition(literals, table, column)
    sql = tree.sql("duckdb") if linking.corrected else bound.sql
    return Literals(sql, linking.found, tuple(linking.corrected), tuple(linking.doubts))


class _Linking:
    """Literals of one statement on their way to values; each column is read once."""

    def __init__(self, datasets: Mapping[str, Dataset], probe: Probe, show_values: bool) -> None:
        self._datasets = datasets
        self._probe = probe
        self._show_values = show_values
        self._known: dict[tuple[str, str], Collection[str] | None] = {}
        self.found = 0
        self.corrected: list[str] = []
        self.doubts: list[str] = []

    def condition(self, literals: Sequence[exp.Literal], table: Table, column: Column) -> None:
        """The literals that one condition compares a column with."""
        values = self._values(table, column)
        if values is None:
            return
        unknown = [literal for literal in literals if literal.this not in values]
        self.found += len(literals) - len(unknown)
        codes = _codes(table, column, self._datasets)
        missed = [one.this for one in unknown if not self._corrects(one, values, codes)]
        # One value of a list may well be missing today; a condition without any is a mistake.
        if len(missed) == len(literals):
            shown = values if self._show_values else ()
            self.doubts += [_doubt(written, table, column, shown) for written in missed]

    def _corrects(
        self, literal: exp.Literal, values: Collection[str], codes: Mapping[str, str]
    ) -> bool:
        stored = nearest_value(literal.this, values, codes)
        if stored is None:
            return False
        self.corrected.append(f"{literal.this!r} -> {stored!r}")
        literal.replace(exp.Literal.string(stored))
        return True

    def _values(self, table: Table, column: Column) -> Collection[str] | None:
        key = (table.full_name, column.name)
        if key not in self._known:
            self._known[key] = values_of(table, column, self._probe)
        return self._known[key]


def values_of(table: Table, column: Column, probe: Probe) -> Collection[str] | None:
    """A column's values: the catalog's, else the silo's within the rules; None when unknown."""
    if table.sensitivity.get(column.name) in PERSONAL or column.type != "VARCHAR":
        return None
    stats = table.stats.get(column.name)
    if stats is None:
        return None
    if stats.values:
        return stats.values
    if stats.distinct is None or stats.distinct > MOST_PROBED:
        return None
    return probe(table, column)


def nearest_value(written: str, values: Collection[str], codes: Mapping[str, str]) -> str | None:
    """The stored value that a literal surely means: by spelling, by a code's label, or None."""
    wanted = folded(written)
    same = [value for value in values if folded(value) == wanted]
    if len(same) == 1:
        return same[0]
    if wanted in codes and codes[wanted] in values:
        return codes[wanted]
    near = process.extract(wanted, {v: folded(v) for v in values}, scorer=fuzz.ratio, limit=2)
    if near and near[0][1] >= ALIKE and (len(near) == 1 or near[1][1] < near[0][1]):
        return str(near[0][2])
    return None


def folded(text: str) -> str:
    """A text without case, umlauts, accents and outer blanks."""
    plain = unicodedata.normalize("NFKD", text.strip().casefold().translate(FOLDED))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _compared(
    tree: exp.Query, bound: BoundQuery
) -> Iterator[tuple[list[exp.Literal], Table, Column]]:
    """Text literals of one condition, compared for equality with a bare column of a table."""
    for scope in scopes(tree):
        for node in scope.find_all(exp.EQ, exp.NEQ, exp.In):
            column, literals = _sides(node)
            meant = column_of(column, scope, bound) if column is not None else None
            if meant is not None and literals:
                yield literals, *meant


def _sides(node: exp.Expr) -> tuple[exp.Column | None, list[exp.Literal]]:
    sides = (
        [node.this, *node.expressions] if isinstance(node, exp.In) else [node.this, node.expression]
    )
    columns = [side for side in sides if isinstance(side, exp.Column)]
    literals = [side for side in sides if isinstance(side, exp.Literal) and side.is_string]
    return (columns[0] if len(columns) == 1 else None), literals


def _codes(table: Table, column: Column, datasets: Mapping[str, Dataset]) -> Mapping[str, str]:
    """Stored code by its folded label, of any language."""
    dataset = datasets.get(table.full_name.lower())
    fields = dataset.fields if dataset else ()
    codes = next((f.codes for f in fields if f.expression == column.name and f.codes), {})
    return {folded(label): code for code, labels in codes.items() for label in labels.values()}


def _doubt(written: str, table: Table, column: Column, values: Collection[str]) -> str:
    place = f"{table.full_name}.{column.name}"
    if not values:
        return f"{place} holds no value {written!r}: check its spelling or the column"
    near = process.extract(folded(written), {v: folded(v) for v in values}, limit=SHOWN)
    shown = ", ".join(repr(value) for _, _, value in near)
    return f"{place} holds no value {written!r}; its values, nearest first: {shown}"


__all__ = ["Literals", "Probe", "folded", "link_literals", "nearest_value", "values_of"]
