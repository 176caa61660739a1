"""Compares an answer's rows with gold rows, and says what came of a question."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import permutations
from typing import Any, Literal, cast

from assistant.answer import Answer
from assistant.evaluation.questions import Expected

Outcome = Literal["right", "wrong", "refused", "clarified", "error"]
OUTCOMES: tuple[Outcome, ...] = ("right", "wrong", "refused", "clarified", "error")
TOLERANCE = 1e-6
MOST_ORDERS = 5_000
SHOWN = 3
Cell = str | float | None
Row = tuple[Cell, ...]
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Difference:
    """How rows differ from gold.

    Attributes:
        missing: First gold rows the answer lacks.
        extra: First rows of the answer that gold lacks.
        rows: Number of rows of the answer.
        gold_rows: Number of rows of gold.
    """

    missing: tuple[Row, ...]
    extra: tuple[Row, ...]
    rows: int
    gold_rows: int


def cell(value: Any) -> Cell:
    """A cell as it is compared: a number, a text, or None for null.

    A moment at midnight is its day, so a month may be a date or a timestamp.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def normal(rows: Rows) -> list[Row]:
    """Rows as they are compared."""
    return [tuple(cell(value) for value in row) for row in rows]


def difference(rows: Rows, gold: Rows, *, ordered: bool = False) -> Difference | None:
    """How an answer's rows differ from gold; None when they are the same.

    Rows are compared as multisets, in order only when `ordered`; numbers to 1e-6 relative. The
    numbers must stand in gold's order; columns of labels (no numbers) may stand anywhere, and
    the answer may have labels gold lacks.
    """
    found, wanted = normal(rows), normal(gold)
    if _width(found) == _width(wanted) and _same(found, wanted, ordered):
        return None
    if len(found) == len(wanted) and found:
        for places in _arrangements(found, wanted):
            if _same([tuple(row[p] for p in places) for row in found], wanted, ordered):
                return None
    return _first_differences(found, wanted)


def same(rows: Rows, others: Rows) -> bool:
    """True when two answers hold the same rows, in any order."""
    return difference(rows, others) is None


def outcome(answer: Answer, expected: Expected, differs: Difference | None) -> Outcome:
    """What came of a question: right when the status, and for an answer its rows, are expected."""
    if answer.status == "error":
        return "error"
    if answer.status == expected:
        return "wrong" if differs else "right"
    other: dict[str, Outcome] = {"answered": "wrong", "refused": "refused", "clarify": "clarified"}
    return other[answer.status]


def _width(rows: Sequence[Row]) -> int:
    return len(rows[0]) if rows else 0


def _is_numbers(rows: Sequence[Row], place: int) -> bool:
    return any(isinstance(row[place], float) for row in rows)


def _arrangements(found: Sequence[Row], wanted: Sequence[Row]) -> Iterator[tuple[int, ...]]:
    """For each way gold's columns may lie in the answer: the answer's column for each of gold's."""
    numbers = [p for p in range(_width(found)) if _is_numbers(found, p)]
    labels = [p for p in range(_width(found)) if p not in numbers]
    wanted_numbers = [p for p in range(_width(wanted)) if _is_numbers(wanted, p)]
    wanted_labels = [p for p in range(_width(wanted)) if p not in wanted_numbers]
    if len(numbers) != len(wanted_numbers) or len(labels) < len(wanted_labels):
        return
    orders = permutations(labels, len(wanted_labels))
    for _, order in zip(range(MOST_ORDERS), orders, strict=False):
        places = dict(zip(wanted_numbers, numbers, strict=True))
        places.update(zip(wanted_labels, order, strict=True))
        yield tuple(places[p] for p in range(_width(wanted)))


def _same(found: Sequence[Row], wanted: Sequence[Row], ordered: bool) -> bool:
    if len(found) != len(wanted):
        return False
    if ordered:
        return all(_alike(a, b) for a, b in zip(found, wanted, strict=True))
    missing, extra = _unmatched(found, wanted)
    return not missing and not extra


def _alike(left: Row, right: Row) -> bool:
    return len(left) == len(right) and all(map(_cells_alike, left, right))


def _cells_alike(left: Cell, right: Cell) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=1e-9)
    return left == right


def _labels(row: Row) -> Row:
    """What must be equal exactly: texts and nulls; numbers only by their place."""
    return tuple("#" if isinstance(value, float) else f"={value}" for value in row)


def _unmatched(found: Sequence[Row], wanted: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of `wanted` without a partner in `found`, and the other way round."""
    exact = Counter(found) & Counter(wanted)
    left, right = _without(found, exact), _without(wanted, exact)
    groups: dict[Row, list[Row]] = {}
    for row in sorted(left, key=str):
        groups.setdefault(_labels(row), []).append(row)
    missing = []
    for row in right:
        group = groups.get(_labels(row), [])
        partner = next((other for other in group if _alike(other, row)), None)
        if partner is None:
            missing.append(row)
        else:
            group.remove(partner)
    return missing, [row for group in groups.values() for row in group]


def _without(rows: Sequence[Row], taken: Counter[Row]) -> list[Row]:
    left = Counter(taken)
    kept = []
    for row in rows:
        if left[row] > 0:
            left[row] -= 1
        else:
            kept.append(row)
    return kept


def _first_differences(found: Sequence[Row], wanted: Sequence[Row]) -> Difference:
    missing, extra = _unmatched(found, wanted)
    if not missing and not extra:  # the same rows in another order
        pairs = zip(found, wanted, strict=True)
        moved = [(a, b) for a, b in pairs if not _alike(a, b)]
        extra, missing = [a for a, _ in moved], [b for _, b in moved]
    shown = cast("tuple[Row, ...]", tuple(missing[:SHOWN]))
    return Difference(shown, tuple(extra[:SHOWN]), len(found), len(wanted))
