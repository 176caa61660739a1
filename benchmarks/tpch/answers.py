"""Whether two answers are the same, as rows of text."""

import math
import re
from collections.abc import Sequence

Row = Sequence[str]
TOLERANCE = 1e-9
DECIMAL = re.compile(r"-?\d+\.\d+")


def same(
    got: Sequence[Row],
    expected: Sequence[Row],
    ordered_by: Sequence[int],
    *,
    rounded: bool = False,
) -> bool:
    """True when the rows are equal; those that tie in the given columns may change places.

    Numbers are equal within a relative 1e-9, since sums of floats depend on their order; with
    `rounded`, to the digits that were got: Trino's mean of a DECIMAL(15, 2) has two.
    """
    if len(got) != len(expected):
        return False
    keys = [[[row[i] for i in ordered_by] for row in rows] for rows in (got, expected)]
    ranked = sorted(got, key=_rank), sorted(expected, key=_rank)
    return all(_equal(*pair, rounded=rounded) for pair in (keys, ranked))


def difference(got: Sequence[Row], expected: Sequence[Row]) -> str:
    """The first row that is in one answer only, for people."""
    here, there = ({tuple(map(_plain, row)) for row in rows} for rows in (got, expected))
    extra, missing = sorted(here - there), sorted(there - here)
    found = [f"{len(got)} rows, expected {len(expected)}"]
    found += [f"only here {extra[0]}"] if extra else []
    found += [f"missing {missing[0]}"] if missing else []
    return "; ".join(found)


def _equal(left: Sequence[Row], right: Sequence[Row], *, rounded: bool) -> bool:
    return all(
        _cell(a, b, rounded=rounded)
        for one, other in zip(left, right, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def _cell(left: str, right: str, *, rounded: bool) -> bool:
    if left == right:
        return True
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return False
    step = 10.0 ** -len(left.partition(".")[2]) if rounded and DECIMAL.fullmatch(left) else 0.0
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=max(TOLERANCE, 0.501 * step))


def _rank(row: Row) -> list[str]:
    return [_plain(cell) for cell in row]


def _plain(cell: str) -> str:
    number = _number(cell)
    return cell if number is None else f"{number:.9g}"


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
