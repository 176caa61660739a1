"""Chooses a chart from a result's shape, as a Vega-Lite specification with its data inline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assistant.answer_json import plain
from assistant.language import NOTHING, text
from catalog.semantic_model import Language
from connectors.query import OutputColumn

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json"
MAX_BARS = 30
MAX_POINTS = 2_000
BAR_HEIGHT = 24
NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT")
MOMENTS = ("DATE", "TIMESTAMP")
Spec = Mapping[str, Any]


@dataclass(frozen=True)
class _Shape:
    """The roles of a result's columns; places in the row."""

    times: tuple[int, ...]
    categories: tuple[int, ...]
    numbers: tuple[int, ...]


def choose_chart(
    columns: Sequence[OutputColumn],
    rows: Sequence[Sequence[object]],
    language: Language,
) -> Spec | None:
    """A chart that fits the rows, or None.

    A moment and a number make a line, a category and a number bars in the rows' order, a metric
    beside its previous value grouped bars. A single row, more than one number of different units,
    or no number make none. Change and share columns are left to the table.
    """
    shape = _shape(columns)
    if len(rows) < 2 or not shape.numbers or not (shape.times or shape.categories):
        return None
    chart = _Chart(columns, rows, language)
    if shape.times:
        return chart.line(shape)
    return chart.bars(shape)


def _shape(columns: Sequence[OutputColumn]) -> _Shape:
    times, categories, numbers = [], [], []
    for place, column in enumerate(columns):
        if column.values or column.type in ("VARCHAR", "BOOLEAN", "UUID"):
            categories.append(place)
        elif column.type.startswith(MOMENTS):
            times.append(place)
        elif any(kind in column.type for kind in NUMERIC) and "[" not in column.type:
            numbers.append(place)
    derived = ("_change", "_share")
    shown = [n for n in numbers if not columns[n].name.endswith(derived)]
    return _Shape(tuple(times), tuple(categories), tuple(shown))


class _Chart:
    """A specification in the making."""

    def __init__(
        self,
        columns: Sequence[OutputColumn],
        rows: Sequence[Sequence[object]],
        language: Language,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.language = language

    def line(self, shape: _Shape) -> Spec:
        """Values over time; one line per category, or per metric of the same unit."""
        time = self.columns[shape.times[0]]
        numbers = self._same_unit(shape.numbers)
        data = [
            {
                "time": _day(row[shape.times[0]]),
                "series": self._series(row, shape, number, len(numbers)),
                "value": plain(row[number]),
            }
            for row in self.rows[:MAX_POINTS]
            for number in numbers
        ]
        encoding: dict[str, Any] = {
            "x": {"field": "time", "type": "temporal", "title": self._label(time)},
            "y": self._value(numbers[0]),
        }
        if shape.categories or len(numbers) > 1:
            encoding["color"] = {"field": "series", "type": "nominal", "title": None}
        return self._spec({"type": "line", "point": True, "tooltip": True}, data, encoding)

    def bars(self, shape: _Shape) -> Spec:
        """Values by category in the rows' order; beside each other for several of one unit."""
        numbers = self._same_unit(shape.numbers)
        rows = self.rows[:MAX_BARS]
        data = [
            {
                "group": self._group(row, shape),
                "series": self._label(self.columns[number]),
                "value": plain(row[number]),
            }
            for row in rows
            for number in numbers
        ]
        title = " / ".join(self._label(self.columns[c]) for c in shape.categories)
        encoding: dict[str, Any] = {
            "y": {"field": "group", "type": "nominal", "title": title, "sort": None},
            "x": self._value(numbers[0]),
        }
        if len(numbers) > 1:
            encoding["color"] = {"field": "series", "type": "nominal", "title": None}
            encoding["yOffset"] = {"field": "series"}
        height = BAR_HEIGHT * len(rows) * len(numbers)
        return {**self._spec({"type": "bar", "tooltip": True}, data, encoding), "height": height}

    def _same_unit(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """The first number and those of its unit: two units share no axis."""
        first = self.columns[numbers[0]].unit
        return tuple(n for n in numbers if self.columns[n].unit == first)

    def _series(self, row: Sequence[object], shape: _Shape, number: int, count: int) -> str:
        group = self._group(row, shape)
        metric = self._label(self.columns[number])
        if not shape.categories:
            return metric
        return f"{group}, {metric}" if count > 1 else group

    def _group(self, row: Sequence[object], shape: _Shape) -> str:
        return " / ".join(
            self._said(self.columns[place].shown(row[place])) for place in shape.categories
        )

    def _said(self, value: object) -> str:
        if value is None:
            return text("value.unknown", self.language)
        if isinstance(value, bool):
            return text("value.true" if value else "value.false", self.language)
        return str(value) or NOTHING

    def _label(self, column: OutputColumn) -> str:
        return column.label or column.name.replace("_", " ")

    def _value(self, number: int) -> dict[str, Any]:
        unit = self.columns[number].unit
        title = self._label(self.columns[number])
        if unit == "percent":
            title += " (%)"
        elif unit and unit.isupper():
            title += f" ({unit})"
        axis = {"format": ",.1f"} if unit in ("percent", "ratio", "points") else {"format": ",.0f"}
        return {"field": "value", "type": "quantitative", "title": title, "axis": axis}

    def _spec(
        self, mark: dict[str, Any], data: list[dict[str, Any]], encoding: dict[str, Any]
    ) -> Spec:
        return {
            "$schema": VEGA_LITE,
            "data": {"values": data},
            "mark": mark,
            "encoding": encoding,
            "width": "container",
        }


def _day(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else None
