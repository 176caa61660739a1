"""Random SELECTs over the three tables of `world`: joins, nesting, aggregates, nulls, sets."""

import itertools
import random
from dataclasses import dataclass

from tests.connectors.planner.world import SILOS, TABLES

KINDS = {
    "kunden": {"id": "n", "name": "t", "region": "t", "betrag": "d", "zahl": "n", "tag": "day", "moment": "m", "ja": "b"},
    "bestellungen": {"id": "n", "kunde": "n", "betrag": "d", "menge": "n", "status": "t", "tag": "day"},
    "tickets": {"id": "n", "kunde": "n", "punkte": "n", "kanal": "t", "moment": "m"},
}  # fmt: skip
LITERALS = {
    "n": ("0", "1", "3", "-1"), "d": ("0", "1.5", "20", "-0.01"), "t": ("'a'", "'A'", "'a '", "''", "'Offen'", "'ß'"),
    "day": ("DATE '2026-03-01'", "DATE '2026-06-01' + INTERVAL 1 MONTH"),
    "m": ("TIMESTAMP '2026-04-01 12:00:00'", "DATE '2026-05-05'"), "b": ("TRUE", "FALSE"),
}  # fmt: skip
PATTERNS = ("'a%'", "'_'", "'%S%'", "'Ä%'", "'offen'", "''")
Columns = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A query, where its tables live, and whether its order is part of the answer."""

    sql: str
    placement: dict[str, str]
    ordered: bool


class Generator:
    """Makes cases; the same seed makes the same case."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.aliases = 0

    def case(self) -> Case:
        placement = {table: self.random.choice(SILOS) for table in TABLES}
        make = self.random.choices(
            [
                self.plain,
                self.grouped,
                self.sets,
                self.nested,
                self.top,
                self.comma,
                self.derived,
                self.limited,
                self.constant,
                self.windowed,
                self.branches,
            ],
            [4, 5, 2, 3, 2, 4, 3, 2, 2, 2, 1],
        )[0]
        sql, ordered = make()
        return Case(sql, placement, ordered)

    def _pick(self, *choices):
        return self.random.choice(choices)

    def _source(self) -> tuple[str, Columns]:
        """FROM with up to three tables, and the columns in reach."""
        table = self._pick(*KINDS)
        alias = self._alias()
        sql, columns = f"{table} AS {alias}", self._columns(table, alias)
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            other, name = self._pick(*KINDS), self._alias()
            more = self._columns(other, name)
            side = self._pick("JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
            keys = [c for c, k in columns.items() if k == "n"]
            theirs = [c for c, k in more.items() if k == "n"]
            on = f"{self._pick(*keys)} = {self._pick(*theirs)}"
            if self.random.random() < 0.2:
                on = self._link(columns, more)
            if self.random.random() < 0.4 and side != "FULL JOIN":
                on += f" AND {self._predicate(more if self.random.random() < 0.6 else columns)}"
            sql += f" {side} {other} AS {name} ON {on}"
            columns = {**columns, **more}
        return sql, columns

    def _link(self, columns: Columns, more: Columns) -> str:
        """As e-mail addresses are joined."""
        sides = [self._pick(*[c for c, k in own.items() if k == "t"]) for own in (columns, more)]
        return f"lower(trim({sides[0]})) = lower(trim({sides[1]}))"

    def _alias(self) -> str:
        self.aliases += 1
        return f"x{self.aliases}"

    def _columns(self, table: str, alias: str) -> Columns:
        return {f"{alias}.{column}": kind for column, kind in KINDS[table].items()}

    def _predicate(self, columns: Columns, depth: int = 0) -> str:
        column, kind = self._pick(*columns.items())
        form = self.random.random()
        if depth < 2 and form < 0.18:
            word = self._pick("AND", "OR")
            return f"({self._predicate(columns, depth + 1)} {word} {self._predicate(columns, depth + 1)})"
        if form < 0.24:
            return f"NOT {self._predicate(columns, 2)}"
        if form < 0.36:
            return f"{column} IS {self._pick('', 'NOT ')}NULL"
        if form < 0.46 and kind != "b":
            values = ", ".join(self.random.sample(LITERALS[kind], 2))
            return f"{column} {self._pick('', 'NOT ')}IN ({values})"
        if form < 0.54 and kind in ("n", "d", "day", "m"):
            return f"{column} BETWEEN {LITERALS[kind][0]} AND {LITERALS[kind][1]}"
        if form < 0.75 and kind == "t":
            return self._of_text(column)
        if form < 0.65 and kind in ("n", "d"):
            return (
                f"COALESCE({column}, 0) {self._pick('=', '<', '>=')} {self._pick(*LITERALS[kind])}"
            )
        if form < 0.68:
            same = [c for c, k in columns.items() if k == kind]
            return f"{column} {self._pick('=', '<>', '<')} {self._pick(*same)}"
        if kind == "b":
            return self._pick(column, f"{column} = TRUE", f"NOT {column}")
        return f"{column} {self._pick('=', '<>', '<', '>=', '>')} {self._pick(*LITERALS[kind])}"

    def _of_text(self, column: str) -> str:
        if self.random.random() < 0.5:
            return f"{column} {self._pick('LIKE', 'ILIKE', 'NOT ILIKE')} {self._pick(*PATTERNS)}"
        folded = f"{self._pick('lower', 'upper')}({self._pick('trim', '')}({column}))"
        return f"{folded} {self._pick('=', '<>', '<', '>=')} {self._pick(*LITERALS['t'])}"

    def _where(self, columns: Columns) -> str:
        parts = [self._predicate(columns) for _ in range(self.random.choice([0, 1, 1, 2]))]
        if self.random.random() < 0.3:
            parts.append(self._subquery(columns))
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def comma(self) -> tuple[str, bool]:
        """Joins written in WHERE, with an OR that says something of each table."""
        names = [(self._pick(*KINDS), self._alias()) for _ in range(self._pick(2, 3))]
        each = [self._columns(table, alias) for table, alias in names]
        columns = {name: kind for own in each for name, kind in own.items()}
        numbers = [[c for c, kind in own.items() if kind == "n"] for own in each]
        links = [
            f"{self._pick(*left)} = {self._pick(*right)}"
            for left, right in itertools.pairwise(numbers)
        ]
        branches = [" AND ".join(self._predicate(own, 2) for own in each) for _ in range(2)]
        common = f"{links[0]} AND " if self.random.random() < 0.5 else ""
        either = " OR ".join(f"({common}{branch})" for branch in branches)
        where = " AND ".join([*(links[1:] if common else links), f"({either})"])
        if self.random.random() < 0.5:
            where += f" AND {self._subquery(columns)}"
        tables = ", ".join(f"{table} AS {alias}" for table, alias in names)
        key = self._pick(*columns)
        aggregates = f"{self._aggregate(columns)} AS a0, {self._aggregate(columns)} AS a1"
        return f"SELECT {key} AS k, {aggregates} FROM {tables} WHERE {where} GROUP BY {key}", False

    def derived(self) -> tuple[str, bool]:
        """A grouped derived table joined to another table; EXISTS within EXISTS."""
        table, alias = self._pick(*KINDS), self._alias()
        inner = self._columns(table, alias)
        key = self._pick(*[c for c, kind in inner.items() if kind == "n"])
        group = f"SELECT {key} AS k, {self._aggregate(inner)} AS a FROM {table} AS {alias} GROUP BY {key}"
        source, columns = self._source()
        outer = self._pick(*[c for c, kind in columns.items() if kind == "n"])
        side = self._pick("JOIN", "LEFT JOIN")
        two, deep = self._alias(), self._alias()
        word = self._pick("", "NOT ")
        exists = (
            f"{word}EXISTS (SELECT * FROM tickets AS {two} WHERE {two}.kunde = {outer} AND"
            f" {self._pick('', 'NOT ')}EXISTS (SELECT * FROM bestellungen AS {deep}"
            f" WHERE {deep}.kunde = {self._pick(outer, two + '.kunde')}))"
        )
        sql = f"SELECT {outer} AS o, d.a AS a FROM {source} {side} ({group}) AS d ON d.k = {outer}"
        return f"{sql} WHERE {exists} AND {self._predicate(columns)}", False

    def _subquery(self, columns: Columns) -> str:
        table, alias = self._pick(*KINDS), self._alias()
        inner = self._columns(table, alias)
        outer = self._pick(*[c for c, k in columns.items() if k == "n"])
        key = self._pick(*[c for c, k in inner.items() if k == "n"])
        condition = self._predicate(inner)
        form = self._pick("IN", "NOT IN", "EXISTS", "NOT EXISTS", "scalar", "grouped", "each")
        if form == "grouped":
            having = f"count(*) > {self._pick('0', '1')}"
            return (
                f"{outer} IN (SELECT {key} FROM {table} AS {alias} GROUP BY {key} HAVING {having})"
            )
        if form == "each":
            total = self._aggregate(inner).replace("min(", "count(").replace("max(", "count(")
            return f"(SELECT {total} FROM {table} AS {alias} WHERE {key} = {outer}) IS NOT NULL"
        if form in ("IN", "NOT IN"):
            return f"{outer} {form} (SELECT {key} FROM {table} AS {alias} WHERE {condition})"
        if form == "scalar":
            return self._scalar(columns, inner, f"FROM {table} AS {alias} WHERE {condition}")
        return f"{form} (SELECT 1 FROM {table} AS {alias} WHERE {key} = {outer} AND {condition})"

    def _scalar(self, columns: Columns, inner: Columns, rest: str) -> str:
        """A comparison with one value of another table, now and then of no row at all."""
        kind = self._pick(*[k for k in ("n", "d", "t", "day", "m") if k in set(inner.values())])
        outer = [c for c, k in columns.items() if k == kind] or ["1"]
        if outer == ["1"]:
            kind = "n"
        column = self._pick(*[c for c, k in inner.items() if k == kind])
        shapes = [f"min({column})", f"max({column})"]
        if kind in ("n", "d"):
            shapes += [f"avg({column})", f"sum({column})", "count(*)", f"0.5 * max({column})"]
        value = f"(SELECT {self._pick(*shapes)} {rest})"
        if kind == "n" and self.random.random() < 0.2:
            value = f"coalesce({value}, 2)"
        word = self._pick("=", "<>", "<", "<=", ">", ">=")
        sides = [self._pick(*outer), value]
        if self.random.random() < 0.3:
            sides.reverse()
        return f"{sides[0]} {word} {sides[1]}"

    def windowed(self) -> tuple[str, bool]:
        """A window over joined tables, and a condition on its outcome."""
        source, columns = self._source()
        key, order = self._pick(*columns), self._pick(*columns)
        number = self._pick(*[c for c, k in columns.items() if k == "n"])
        window = self._pick(
            f"rank() OVER (PARTITION BY {key} ORDER BY {order})",
            f"dense_rank() OVER (ORDER BY {order} DESC)",
            f"sum({number}) OVER (PARTITION BY {key})",
            f"count(*) OVER (PARTITION BY {key} ORDER BY {order})",
            f"max({order}) OVER (PARTITION BY {key}) IS NOT NULL",
        )
        inner = f"SELECT {number} AS n, {window} AS w FROM {source}{self._where(columns)}"
        after = " WHERE w > 1" if "IS NOT" not in window else " WHERE n > 0"
        return f"SELECT n, w FROM ({inner}) AS s{after if self._pick(0, 1) else ''}", False

    def branches(self) -> tuple[str, bool]:
        """Set operations over joined tables, grouped and sorted as one."""
        word = self._pick("UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT")
        sides = []
        for _ in range(2):
            source, columns = self._source()
            numbers = [c for c, k in columns.items() if k == "n"]
            outputs = f"{self._pick(*numbers)} AS a, {self._pick(*numbers)} AS b"
            sides.append(f"SELECT {outputs} FROM {source}{self._where(columns)}")
        both = f" {word} ".join(sides)
        return f"SELECT a, count(*) AS n, sum(b) AS s FROM ({both}) AS u GROUP BY a", False

    def plain(self) -> tuple[str, bool]:
        source, columns = self._source()
        chosen = self.random.sample(list(columns), min(3, len(columns)))
        outputs = ", ".join(f"{c} AS c{i}" for i, c in enumerate(chosen))
        distinct = self._pick("", "", "DISTINCT ")
        return f"SELECT {distinct}{outputs} FROM {source}{self._where(columns)}", False

    def grouped(self) -> tuple[str, bool]:
        source, columns = self._source()
        keys = self.random.sample(list(columns), self.random.choice([0, 1, 1, 2]))
        aggregates = [self._aggregate(columns) for _ in range(2)]
        outputs = [f"{k} AS k{i}" for i, k in enumerate(keys)]
        outputs += [f"{a} AS a{i}" for i, a in enumerate(aggregates)]
        sql = f"SELECT {', '.join(outputs)} FROM {source}{self._where(columns)}"
        if keys:
            sql += f" GROUP BY {', '.join(keys)}"
            if self.random.random() < 0.3:
                sql += f" HAVING count(*) > {self._pick('1', '2')}"
        return sql, False

    def _aggregate(self, columns: Columns) -> str:
        column, kind = self._pick(*columns.items())
        choices = ["count(*)", f"count({column})", f"count(DISTINCT {column})"]
        if kind in ("n", "d"):
            choices += [f"sum({column})", f"avg({column})", f"min({column})", f"max({column})"]
            choices.append(f"100.0 * sum({column}) / NULLIF(count({column}), 0)")
            choices.append(f"sum(DISTINCT {column})")
            choices.append(f"{self._pick('stddev', 'var_pop')}({column})")
            choices.append(f"sum(CASE WHEN {column} > 1 THEN {column} ELSE 0 END)")
        if kind in ("t", "day", "m"):
            choices += [f"min({column})", f"max({column})"]
        return self._pick(*choices)

    def sets(self) -> tuple[str, bool]:
        word = self._pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT")
        kind = self._pick("n", "t", "d")
        sides = []
        for _ in range(2):
            table, alias = self._pick(*KINDS), self._alias()
            columns = self._columns(table, alias)
            same = [c for c, k in columns.items() if k == kind] or [
                c for c, k in columns.items() if k == "n"
            ]
            cast = "VARCHAR" if kind == "t" else "DECIMAL(14, 2)"
            where = f" WHERE {self._predicate(columns)}"
            sides.append(
                f"SELECT CAST({self._pick(*same)} AS {cast}) AS c FROM {table} AS {alias}{where}"
            )
        return f"{sides[0]} {word} {sides[1]}", False

    def nested(self) -> tuple[str, bool]:
        inner, _ = self.grouped()
        source, columns = self._source()
        outer = self._pick(*[c for c, k in columns.items() if k == "n"])
        sql = (
            f"WITH w AS ({inner}) SELECT {outer} AS c, (SELECT count(*) FROM w) AS n FROM {source}"
        )
        return sql + self._where(columns), False

    def limited(self) -> tuple[str, bool]:
        """The first rows by a unique order, beside an output only DuckDB can make."""
        table, alias = self._pick(*KINDS), self._alias()
        columns = self._columns(table, alias)
        where = f" WHERE {self._predicate(columns)}" if self.random.random() < 0.5 else ""
        order = f"{self._pick(*columns)}{self._pick('', ' DESC')}, {alias}.id"
        limit = f"{self._pick('3', '10')}{self._pick('', ' OFFSET 2')}"
        output = f"md5(CAST({alias}.id AS VARCHAR)) AS m, {alias}.id AS i"
        return (
            f"SELECT {output} FROM {table} AS {alias}{where} ORDER BY {order} LIMIT {limit}",
            True,
        )

    def constant(self) -> tuple[str, bool]:
        """A constant on one side of an equality; DISTINCT over joins."""
        source, columns = self._source()
        numbers = [c for c, kind in columns.items() if kind == "n"]
        left, right = self._pick(*numbers), self._pick(*numbers)
        where = f"{left} = {self._pick('1', '3')} AND {left} = {right}"
        outputs = f"{self._pick(*columns)} AS c0, {self._pick(*columns)} AS c1"
        return f"SELECT DISTINCT {outputs} FROM {source} WHERE {where}", False

    def top(self) -> tuple[str, bool]:
        table, alias = self._pick(*KINDS), self._alias()
        columns = self._columns(table, alias)
        order = self._pick(*columns)
        direction = self._pick("", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST")
        sql = f"SELECT {alias}.id AS id, {order} AS o FROM {table} AS {alias}{self._where(columns)}"
        return (
            f"{sql} ORDER BY {order}{direction}, {alias}.id LIMIT {self._pick('1', '5', '20')}",
            True,
        )
