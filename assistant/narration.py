"""Says a result in words, from templates: every number in the text is a cell or a sum of cells."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlglot
from sqlglot import exp

from assistant.answer import Insight
from assistant.draft import Draft
from assistant.language import format_value, text
from catalog.semantic_model import Language
from connectors.query import QueryResult

MAX_INSIGHTS = 3
SUMMABLE = re.compile(r"count|[A-Z]{3}")
NUMBER = re.compile(r"(?<![\w.])-?\d[\d’',.\u202f\u00a0]*")
YEAR = r"(?:19|20)\d{2}\b"
MONTH = r"(?:Jan|Feb|Mär|März|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec)[a-zäöü]*\.?"
# Days, months, quarters and years as they are written here, and the level of an interval.
PERIODS = re.compile(
    rf"\b[1-4]\. Quartal(?: {YEAR})?|\bQ[1-4](?: {YEAR})?\b|\b\d{{1,2}}\.\d{{1,2}}\.{YEAR}"
    rf"|\b(?:\d{{1,2}}\.? )?{MONTH} {YEAR}|\({YEAR}\)"
    rf"|\b(?:[Ii]n|Jahr|[Ss]eit|[Ss]ince|of|year) {YEAR}|\b95[ -]?%"
)


def narrate(
    result: QueryResult, draft: Draft, insights: Sequence[Insight], language: Language
) -> str:
    """The result as Markdown: the figure, or the groups' extremes, or the course of time.

    An empty result is said to be empty, never 0. Up to three insights follow as a list.
    """
    said = _Narration(result, draft, language).text()
    statements = [f"- {insight.statement}" for insight in insights[:MAX_INSIGHTS]]
    if statements:
        said += "\n\n" + text("narration.insights", language) + "\n" + "\n".join(statements)
    return said


class _Narration:
    """One result being said."""

    def __init__(self, result: QueryResult, draft: Draft, language: Language) -> None:
        self.columns = {column.name: column for column in result.columns}
        self.names = list(self.columns)
        self.rows = [
            [column.shown(cell) for column, cell in zip(result.columns, row, strict=True)]
            for row in result.rows()
        ]
        self.draft = draft
        self.language = language
        self.truncated = result.truncated
        query = draft.query
        self.metric = query.metrics[0] if query and query.metrics else None

    def text(self) -> str:
        """The sentences that fit the result's shape."""
        if not self.rows:
            return self._say("none", period=self._period())
        if self.metric is None or self.metric not in self.names:
            said = self._plain()
        elif len(self.rows) == 1 and self.names[0] == self.metric:
            said = self._figures()
        elif self.draft.query and any(d.grain for d in self.draft.query.dimensions):
            said = self._series()
        else:
            said = self._groups()
        said = said[:1].upper() + said[1:]
        if self.truncated:
            said += "\n\n" + self._say("truncated", rows=self._value(len(self.rows), "count"))
        return said

    def _plain(self) -> str:
        """A result without a metric: the cell, or the number of rows."""
        if len(self.rows) == 1 and len(self.names) == 1:
            label, unit = self._label(self.names[0]), self._unit(self.names[0])
            value = self._value(self.rows[0][0], unit)
            return self._say("figure", metric=label, period="", value=value)
        return self._say("rows", rows=self._value(len(self.rows), "count"))

    def _figures(self) -> str:
        """One row without groups: a sentence per metric."""
        row = self.rows[0]
        query = self.draft.query
        lines = []
        for name in query.metrics if query else ():
            value = self._value(row[self.names.index(name)], self._unit(name))
            period = self._period()
            lines.append(self._say("figure", metric=self._label(name), period=period, value=value))
            lines += self._change(name, row)
        return " ".join(lines)

    def _change(self, name: str, row: list[object]) -> list[str]:
        """How the metric moved against the comparison period."""
        if f"{name}_change" not in self.names:
            return []
        change: Any = row[self.names.index(f"{name}_change")]
        previous = row[self.names.index(f"{name}_previous")]
        if change is None:
            return []
        key = "rise" if change > 0 else "fall" if change < 0 else "same"
        moved = self._value(abs(change), self._unit(f"{name}_change"))
        before = self._value(previous, self._unit(name))
        return [self._say(key, change=moved, previous=before)]

    def _series(self) -> str:
        """A course of time: last, first and highest value of the first metric."""
        time = next(i for i, cell in enumerate(self.rows[0]) if isinstance(cell, date))
        value = self.names.index(str(self.metric))
        points = [(row[time], row[value]) for row in self.rows if row[value] is not None]
        if not points or len({row[time] for row in self.rows}) < len(self.rows):
            return self._groups()
        first, last = points[0], points[-1]
        peak = max(points, key=lambda point: _number(point[1]))
        unit = self._unit(str(self.metric))
        return self._say(
            "series",
            metric=self._label(str(self.metric)),
            period=self._period(),
            last=self._value(last[1], unit),
            last_at=self._value(last[0], None),
            first=self._value(first[1], unit),
            first_at=self._value(first[0], None),
            peak=self._value(peak[1], unit),
            peak_at=self._value(peak[0], None),
        )

    def _groups(self) -> str:
        """Groups: what was asked, the sum where it makes sense, the highest and the lowest."""
        name = str(self.metric)
        value = self.names.index(name)
        width = len(self.draft.query.dimensions) if self.draft.query else 0
        dimensions = ", ".join(self._label(n) for n in self.names[:width])
        lines = [
            self._say(
                "grouped", metric=self._label(name), period=self._period(), dimensions=dimensions
            )
        ]
        known = [row for row in self.rows if row[value] is not None]
        unit = self._unit(name)
        if known and unit and SUMMABLE.fullmatch(unit) and self._whole():
            total = sum(_number(row[value]) for row in known)
            lines.append(self._say("total", value=self._value(total, unit)))
        if known:
            highest = max(known, key=lambda row: _number(row[value]))
            lines.append(self._extreme("top", highest, width, value, unit))
        if len(known) > 1:
            lowest = min(known, key=lambda row: _number(row[value]))
            lines.append(self._extreme("bottom", lowest, width, value, unit))
        return " ".join(lines)

    def _whole(self) -> bool:
        """True when the rows are all groups, and groups of additive values."""
        query = self.draft.query
        cut = query is not None and (query.limit is not None or query.having)
        return not cut and not self.truncated and self._adds_up()

    def _adds_up(self) -> bool:
        """False for a mean or a ratio, whatever its unit: averages of groups have no sum."""
        if not self.draft.definitions:
            return True
        tree = sqlglot.parse_one(self.draft.definitions[0].formula, dialect="duckdb").unnest()
        return isinstance(tree, (exp.Count, exp.Sum))

    def _extreme(
        self, key: str, row: list[object], width: int, value: int, unit: str | None
    ) -> str:
        unknown = text("value.unknown", self.language)
        cells = [unknown if c is None else self._value(c, None) for c in row[:width]]
        return self._say(key, group=" / ".join(cells), value=self._value(row[value], unit))

    def _period(self) -> str:
        query = self.draft.query
        label = query.period.label if query and query.period else ""
        return f" ({label})" if label else ""

    def _label(self, name: str) -> str:
        return self.columns[name].label or name.replace("_", " ")

    def _unit(self, name: str) -> str | None:
        return self.columns[name].unit

    def _value(self, value: object, unit: str | None) -> str:
        return format_value(value, unit, self.language)

    def _say(self, key: str, **values: str) -> str:
        return text(f"narration.{key}", self.language, **values)


def _number(value: object) -> Decimal:
    return Decimal(str(value))


def check_numbers(said: str, allowed: Iterable[float]) -> list[str]:
    """Numbers of a text that are no allowed value, as printed there.

    A number fits when an allowed one rounds to it at the printed digits, also without its sign.
    Days, months, quarters and a year in brackets are left out, a bare year is not.
    """
    values = list(allowed)
    found = []
    for match in NUMBER.finditer(PERIODS.sub(" ", said)):
        printed = match.group().rstrip(".,’'\u202f\u00a0")
        readings = _readings(printed)
        if not any(_fits(value, digits, values) for value, digits in readings):
            found.append(printed)
    return found


def _readings(printed: str) -> list[tuple[float, int]]:
    """What a printed number may mean: the last comma or dot as decimal mark, or none."""
    plain = re.sub(r"[’'\u202f\u00a0]", "", printed)
    readings = []
    whole = re.sub(r"[.,]", "", plain)
    if re.fullmatch(r"-?\d+([.,]\d{3})*", plain):
        readings.append((float(whole), 0))
    decimal = re.fullmatch(r"(-?[\d.,]*?)[.,](\d+)", plain)
    if decimal:
        digits = decimal[2]
        front = re.sub(r"[.,]", "", decimal[1]) or "0"
        readings.append((float(f"{front}.{digits}"), len(digits)))
    return readings or [(float(whole), 0)]


def _fits(value: float, digits: int, allowed: list[float]) -> bool:
    tolerance = 0.5 * 10**-digits + 1e-9
    return any(abs(abs(known) - abs(value)) <= tolerance for known in allowed)
