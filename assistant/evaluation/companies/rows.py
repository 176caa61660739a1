"""The expected rows of a company by day and group, the rows drawn from them, and the truth."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.evaluation.companies.model import DAYS, FIGURES, FIRST, TINY, Base, Segment, axes
from assistant.evaluation.companies.plan import Decoy, Plan
from assistant.metric_query import Period
from assistant.periods import add

Cells = npt.NDArray[np.float64]
WEEKDAYS = (1.15, 1.1, 1.05, 1.05, 1.1, 0.85, 0.7)
CUSTOMERS = 2_000
TINY_SHARE = 0.002
MOST_RATE = 0.9


@dataclass(frozen=True)
class Expected:
    """Rows and values that are to be expected, by day and by each axis of the table.

    Attributes:
        rows: Expected rows.
        means: Expected value of a row, by metric other than a count.
    """

    base: Base
    rows: Cells
    means: dict[str, Cells] = field(default_factory=dict)

    def place(self, segment: Segment | None, period: Period | None = None) -> tuple[Any, ...]:
        """The index of a group's cells in a period."""
        days = slice(None)
        if period is not None:
            days = slice((period.start - FIRST).days, (period.end - FIRST).days)
        named = axes(self.base)
        if segment is None:
            return (days,)
        at = [slice(None)] * len(named)
        place = list(named).index(segment[0])
        value = named[segment[0]].index(segment[1])
        at[place] = slice(value, value + 1)
        return (days, *at)

    def count(self, segment: Segment | None, period: Period) -> float:
        """Expected rows."""
        return float(self.rows[self.place(segment, period)].sum())

    def figure(self, metric: str, segment: Segment | None, period: Period) -> float:
        """The metric without chance; rates as shares."""
        kind = FIGURES[metric].kind if metric in FIGURES else "count"
        if kind == "count":
            return self.count(segment, period)
        at = self.place(segment, period)
        total = float((self.rows[at] * self.means[metric][at]).sum())
        return total if kind == "sum" else total / self.count(segment, period)


def expect(plan: Plan, base: Base, *, planted: bool = True) -> Expected:
    """The table without chance and without faults; not `planted`: without effects, with decoys."""
    named = axes(base)
    shape = (DAYS, *(len(values) for values in named.values()))
    random = np.random.default_rng((plan.seed, len(base)))
    rows = np.ones(shape)
    for place, (name, values) in enumerate(named.items(), start=1):
        weights = random.uniform(0.7, 1.3, len(values))
        if name == "customers.region":
            weights[values.index(TINY)] = 0.0
            weights *= (1 - TINY_SHARE) / weights.sum()
            weights[values.index(TINY)] = TINY_SHARE
        rows *= _along(weights / weights.sum(), place, len(shape))
    weekdays = np.array([WEEKDAYS[(FIRST + timedelta(d)).weekday()] for d in range(DAYS)])
    rows *= plan.daily[base] * _along(weekdays, 0, len(shape))
    figures = {m: f for m, f in FIGURES.items() if f.base == base and f.kind != "count"}
    means = {name: np.full(shape, figure.typical) for name, figure in figures.items()}
    made = Expected(base, rows, means)
    for decoy in plan.decoys:
        if decoy.base == base:
            _mislead(made, decoy, plan)
    if planted:
        _plant(made, plan)
    return made


def _along(values: Any, place: int, width: int) -> Cells:
    shape = [1] * width
    shape[place] = len(values)
    return np.asarray(values, dtype=float).reshape(shape)


def _plant(made: Expected, plan: Plan) -> None:
    for effect in plan.effects:
        if effect.base != made.base:
            continue
        at = made.place(effect.segment, None if effect.kind == "level" else plan.period)
        if effect.kind == "change":
            made.rows[at] *= effect.size
        elif FIGURES[effect.metric].kind == "mean":
            made.means[effect.metric][at] += effect.size
        else:
            changed = np.minimum(MOST_RATE, made.means[effect.metric][at] * effect.size)
            made.means[effect.metric][at] = changed


def _mislead(made: Expected, decoy: Decoy, plan: Plan) -> None:
    if decoy.kind == "season":
        for years in (0, -1, -2):
            start = max(FIRST, add(plan.period.start, "year", years))
            end = max(FIRST, add(plan.period.end, "year", years))
            made.rows[made.place(decoy.segment, Period(start, end))] *= decoy.size
    elif decoy.kind == "growth":
        course = decoy.size ** (np.arange(DAYS) / 365.0)
        made.rows[:] *= _along(course, 0, made.rows.ndim)
    elif decoy.kind == "small":
        at = made.place(decoy.segment)
        for metric, means in made.means.items():
            means[at] = means[at] * 3 if FIGURES[metric].kind == "rate" else means[at] + 1.5
    elif decoy.kind == "simpson":
        at = (*made.place(decoy.segment)[:3], slice(0, 1), slice(None))
        made.rows[at] *= decoy.size


@dataclass(frozen=True)
class Company:
    """Rows by table, as they stand in the silos, and what they were drawn from.

    Attributes:
        tables: Column by name, by table; days as ordinals, groups as positions on their axes.
    """

    plan: Plan
    expected: dict[Base, Expected]
    unplanted: dict[Base, Expected]
    tables: dict[Base, dict[str, npt.NDArray[Any]]]


def make_company(plan: Plan) -> Company:
    """Draw the rows; the same plan gives the same rows."""
    random = np.random.default_rng((plan.seed, 7))
    bases: tuple[Base, ...] = ("tickets", "orders")
    expected = {base: expect(plan, base) for base in bases}
    unplanted = {base: expect(plan, base, planted=False) for base in bases}
    moods = [_moods(plan, random) for _ in bases]
    drawn = [_draw(expected[b], mood, random) for b, mood in zip(bases, moods, strict=True)]
    tables = {b: _spoil(table, plan, b) for b, table in zip(bases, drawn, strict=True)}
    return Company(plan, expected, unplanted, tables)


def _moods(plan: Plan, random: np.random.Generator) -> Cells:
    if not plan.moods:
        return np.ones(DAYS)
    return random.gamma(plan.moods, 1 / plan.moods, DAYS)


def _draw(made: Expected, moods: Cells, random: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
    counts = random.poisson(made.rows * _along(moods, 0, made.rows.ndim))
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    places = np.unravel_index(cells, counts.shape)
    table: dict[str, npt.NDArray[Any]] = {
        "id": np.arange(len(cells)),
        "day": places[0] + FIRST.toordinal(),
    }
    table |= dict(zip(axes(made.base), places[1:], strict=True))
    table["nth"] = random.integers(0, CUSTOMERS // 15, len(cells))
    for metric, means in made.means.items():
        table[metric] = _values(FIGURES[metric], means.ravel()[cells], random)
    return table


def _values(figure: Any, means: Cells, random: np.random.Generator) -> npt.NDArray[Any]:
    if figure.kind == "rate":
        return (random.random(len(means)) < means).astype(int)
    if figure.kind == "mean":
        return np.asarray(np.round(random.normal(means, figure.spread), 2))
    shape = 1 / figure.spread**2
    return np.asarray(np.round(random.gamma(shape, means / shape), 2))


def _spoil(
    table: dict[str, npt.NDArray[Any]], plan: Plan, base: Base
) -> dict[str, npt.NDArray[Any]]:
    """Without the days of an outage, and twice those of a double load."""
    for decoy in plan.decoys:
        if decoy.base != base or decoy.kind not in ("outage", "double"):
            continue
        first = fault_days(decoy, plan)[0].toordinal()
        hit = (table["day"] >= first) & (table["day"] < first + int(decoy.size))
        if decoy.kind == "outage":
            table = {name: column[~hit] for name, column in table.items()}
        else:
            table = {name: np.concatenate([c, c[hit]]) for name, c in table.items()}
    return table


def fault_days(decoy: Decoy, plan: Plan) -> list[date]:
    """The days of a fault."""
    first = plan.period.start + timedelta(decoy.start)
    return [first + timedelta(n) for n in range(int(decoy.size))]
