"""Measures inside a silo how many keys of one column stand in another: counts leave, no key does.

A sample of rows is grouped by key and looked up in the other table by its key, many pairs in one
statement, so that a silo of a hundred tables answers in a few statements of bounded size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pyarrow as pa
import sqlglot
from sqlglot import exp

from catalog.links_reading import KeyReader, KeySide, problem
from connectors.clock import Deadline
from connectors.errors import SiloCancelled, SiloError

SAMPLED_ROWS = 20_000
SAMPLED_KEYS = 500
PER_STATEMENT = 24
FIGURES = pa.schema(
    [(name, pa.int64()) for name in ("pair", "sampled", "matched", "keys", "found")]
)
UNIQUE = pa.schema([(name, pa.int64()) for name in ("pair", "total", "keys")])
# Canonical; names between double underscores are filled in.
COUNTED = f"""
    SELECT CAST(__pair__ AS BIGINT) AS pair, CAST(SUM(l.n) AS BIGINT) AS sampled,
        CAST(SUM(CASE WHEN NOT r.__right_key__ IS NULL THEN l.n ELSE 0 END) AS BIGINT) AS matched,
        COUNT(*) AS key_count, COUNT(r.__right_key__) AS found
    FROM (
        SELECT k, COUNT(*) AS n FROM (
            SELECT __left_key__ AS k FROM __left__
            WHERE NOT __left_key__ IS NULL LIMIT {SAMPLED_ROWS}
        ) AS s GROUP BY k LIMIT {SAMPLED_KEYS}
    ) AS l
    LEFT JOIN __right__ AS r ON r.__right_key__ = l.k
"""
DISTINCT = f"""
    SELECT CAST(__pair__ AS BIGINT) AS pair, COUNT(*) AS total, COUNT(DISTINCT k) AS distinct_keys
    FROM (
        SELECT __left_key__ AS k FROM __left__
        WHERE NOT __left_key__ IS NULL LIMIT {SAMPLED_ROWS}
    ) AS s
"""


@dataclass(frozen=True)
class Contained:
    """What a sample tells: rows and distinct keys of the left, and those found at the right."""

    rows: int
    matched: int
    keys: int
    found: int

    @property
    def share(self) -> float:
        """Share of the distinct keys that were found; 0 without keys."""
        return self.found / self.keys if self.keys else 0.0

    @property
    def match_rate(self) -> float | None:
        """Share of the rows that found a partner; None without rows."""
        return self.matched / self.rows if self.rows else None


@dataclass(frozen=True)
class Inside:
    """Two columns of one silo: may the rows of `left` name a row of `right`?"""

    left: KeySide
    right: KeySide


@dataclass
class Containment:
    """Asks one silo. `problems` holds why, by the name of a left side that could not be read."""

    reader: KeyReader
    silo: str
    deadline: Deadline
    problems: dict[str, str] = field(default_factory=dict)

    def measure(self, pairs: Sequence[Inside]) -> dict[Inside, Contained]:
        """The figures of each pair that could be read.

        Raises:
            SiloCancelled: On cancel.
        """
        found: dict[Inside, Contained] = {}
        for start in range(0, len(pairs), PER_STATEMENT):
            found |= self._some(pairs[start : start + PER_STATEMENT])
        return found

    def _some(self, pairs: Sequence[Inside]) -> dict[Inside, Contained]:
        """One statement; when it fails each half alone, so that one pair spoils no other."""
        parts = [_counted(number, pair, self._dialect) for number, pair in enumerate(pairs)]
        try:
            rows = self._asked(parts, FIGURES)
        except SiloCancelled:
            raise
        except SiloError as error:
            if len(pairs) == 1 or not self.deadline.left():
                self.problems.update({pair.left.name: problem(error) for pair in pairs})
                return {}
            half = len(pairs) // 2
            return self._some(pairs[:half]) | self._some(pairs[half:])
        return {
            pairs[row["pair"]]: Contained(*(row[name] or 0 for name in FIGURES.names[1:]))
            for row in rows
        }

    def unique(self, sides: Sequence[KeySide]) -> Iterator[KeySide]:
        """Those whose rows, as far as a sample tells, all have a key of their own; none empty."""
        for start in range(0, len(sides), PER_STATEMENT):
            part = sides[start : start + PER_STATEMENT]
            try:
                parts = [_distinct(n, side, self._dialect) for n, side in enumerate(part)]
                rows = self._asked(parts, UNIQUE)
            except SiloCancelled:
                raise
            except SiloError as error:
                self.problems.update({side.name: problem(error) for side in part})
                continue
            yield from (part[row["pair"]] for row in rows if 0 < row["total"] == row["keys"])

    @property
    def _dialect(self) -> str:
        return self.reader.dialect(self.silo)

    def _asked(self, parts: Sequence[str], schema: pa.Schema) -> list[Mapping[str, int]]:
        return self.reader.ask(self.silo, " UNION ALL ".join(parts), schema, self.deadline)


def _filled(template: str, dialect: str, **parts: str) -> str:
    sql = _rendered(template, dialect)
    for name, part in parts.items():
        sql = sql.replace(f"__{name}__", part)
    return sql


@lru_cache
def _rendered(template: str, dialect: str) -> str:
    """A canonical statement in a dialect; once, as thousands of pairs share it."""
    return sqlglot.transpile(template, read="duckdb", write=dialect)[0]


@lru_cache(maxsize=4_096)
def _key(side: KeySide, dialect: str) -> str:
    """The key of a side: a column, or an expression over columns."""
    if not side.plain:
        return sqlglot.transpile(side.parts[0], read="duckdb", write=dialect)[0]
    return exp.column(side.columns[0].name, quoted=True).sql(dialect)


@lru_cache(maxsize=4_096)
def _table(side: KeySide, dialect: str) -> str:
    return exp.table_(side.table.name, db=side.table.schema, quoted=True).sql(dialect)


def _counted(number: int, pair: Inside, dialect: str) -> str:
    return _filled(
        COUNTED,
        dialect,
        pair=str(number),
        left_key=_key(pair.left, dialect),
        left=_table(pair.left, dialect),
        right_key=_key(pair.right, dialect),
        right=_table(pair.right, dialect),
    )


def _distinct(number: int, side: KeySide, dialect: str) -> str:
    key, table = _key(side, dialect), _table(side, dialect)
    return _filled(DISTINCT, dialect, pair=str(number), left_key=key, left=table)
