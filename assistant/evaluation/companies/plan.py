"""What is planted in a company: effects to be found, and decoys that must not be."""

from dataclasses import dataclass
from datetime import date
from math import exp
from typing import Literal

import numpy as np

from assistant.evaluation.companies.model import CUSTOMER_FIELDS, FIGURES, TINY, Base, Segment, axes
from assistant.metric_query import Period

EffectKind = Literal["change", "level", "rate_change"]
DecoyKind = Literal["season", "simpson", "small", "growth", "outage", "double"]
PERIODS = (
    Period(date(2026, 7, 1), date(2026, 10, 1), "Q3 2026"),
    Period(date(2026, 4, 1), date(2026, 7, 1), "Q2 2026"),
    Period(date(2026, 9, 1), date(2026, 10, 1), "September 2026"),
    Period(date(2026, 6, 1), date(2026, 7, 1), "June 2026"),
)
MOST_EFFECTS = 6


@dataclass(frozen=True)
class Effect:
    """A planted effect.

    Attributes:
        kind: ``change`` of the number of rows in the period; ``level``: another mean or rate all
            the time; ``rate_change``: another mean or rate in the period.
        segment: Who it is about; None means everybody.
        size: Factor of the rows or of the rate; of a mean the points that are added.
    """

    metric: str
    kind: EffectKind
    segment: Segment | None
    size: float

    @property
    def base(self) -> Base:
        """The table it shows in."""
        return FIGURES[self.metric].base


@dataclass(frozen=True)
class Decoy:
    """Something that looks like an effect and is none.

    Attributes:
        segment: Who seems concerned; None means everybody.
        size: Factor of a season or growth; days of a fault; points or factor of a small group.
        start: Days from the start of the period to the fault's first day.
    """

    kind: DecoyKind
    base: Base
    segment: Segment | None = None
    size: float = 0.0
    start: int = 0


@dataclass(frozen=True)
class Plan:
    """A company before its rows are drawn.

    Attributes:
        daily: Expected rows a day by table.
        moods: Shape of the gamma scatter of whole days; 0 means Poisson alone.
        period: What is asked for.
    """

    seed: int
    daily: dict[Base, float]
    moods: float
    period: Period
    effects: tuple[Effect, ...] = ()
    decoys: tuple[Decoy, ...] = ()


def make_plan(seed: int, *, empty: bool = False) -> Plan:
    """A random company; `empty` plants no effect and no fault, but season, growth, small groups."""
    random = np.random.default_rng(seed)
    daily: dict[Base, float] = {
        "tickets": float(random.uniform(15, 60)),
        "orders": float(random.uniform(15, 60)),
    }
    moods = float(random.choice([0.0, 60.0, 25.0]))
    period = PERIODS[int(random.integers(len(PERIODS)))]
    effects = () if empty else _effects(random, int(random.integers(0, MOST_EFFECTS + 1)))
    decoys = _decoys(random, effects, period, empty=empty)
    planted = tuple(e for e in effects if not _hidden(e, decoys))
    simpson = tuple(_confounder(d, random) for d in decoys if d.kind == "simpson")
    return Plan(seed, daily, moods, period, _distinct((*simpson, *planted)), decoys)


def _effects(random: np.random.Generator, count: int) -> tuple[Effect, ...]:
    return tuple(_effect(random) for _ in range(count))


def _effect(random: np.random.Generator) -> Effect:
    metric = str(random.choice(list(FIGURES)))
    figure = FIGURES[metric]
    sign = 1 if random.random() < 0.5 else -1
    everybody = random.random() < 0.25
    segment = None if everybody else _segment(random, figure.base)
    if figure.additive:
        size = exp(sign * float(random.uniform(0.1, 0.45 if everybody else 0.8)))
        return Effect(metric, "change", segment, size)
    kind: EffectKind = "rate_change" if everybody or random.random() < 0.4 else "level"
    if figure.kind == "mean":
        return Effect(metric, kind, segment, sign * float(random.uniform(0.15, 0.9)))
    return Effect(metric, kind, segment, exp(sign * float(random.uniform(0.2, 0.9))))


def _segment(random: np.random.Generator, base: Base) -> Segment:
    named = axes(base)
    field = str(random.choice(list(named)))
    return field, str(random.choice([value for value in named[field] if value != TINY]))


def _decoys(
    random: np.random.Generator, effects: tuple[Effect, ...], period: Period, *, empty: bool
) -> tuple[Decoy, ...]:
    """About every second company has a given decoy; faults and Simpson need no empty company."""
    found = []
    base: Base = "tickets" if random.random() < 0.5 else "orders"
    if random.random() < 0.5:
        segment = None if random.random() < 0.5 else _segment(random, base)
        found.append(Decoy("season", base, segment, exp(float(random.uniform(0.2, 0.5)))))
    if random.random() < 0.5:
        found.append(Decoy("small", base, ("customers.region", TINY), 1.5))
    if random.random() < 0.5:
        found.append(Decoy("growth", base, None, float(random.uniform(1.0, 1.08))))
    if not empty and effects and random.random() < 0.4:
        region = str(random.choice([v for v in CUSTOMER_FIELDS["region"] if v != TINY]))
        found.append(Decoy("simpson", base, ("customers.region", region), 4.0))
    if not empty and random.random() < 0.4:
        fault: DecoyKind = "outage" if random.random() < 0.5 else "double"
        days = int(random.integers(2, 6)) if fault == "outage" else int(random.integers(1, 3))
        start = int(random.integers(-20, (period.end - period.start).days - 6))
        other: Base = "tickets" if random.random() < 0.5 else "orders"
        found.append(Decoy(fault, other, None, days, start))
    return tuple(found)


def _hidden(effect: Effect, decoys: tuple[Decoy, ...]) -> bool:
    """True for a change of rows where a fault or a season makes rows come and go as well."""
    spoilt = {d.base for d in decoys if d.kind in ("outage", "double")}
    seasons = {(d.base, d.segment) for d in decoys if d.kind == "season"}
    tiny = {(d.base, d.segment) for d in decoys if d.kind == "simpson"}
    if effect.kind == "change":
        return effect.base in spoilt or (effect.base, effect.segment) in seasons
    return (effect.base, effect.segment) in tiny


def _confounder(decoy: Decoy, random: np.random.Generator) -> Effect:
    """The real difference behind a Simpson decoy: by the first own field's first value."""
    metric = "score" if decoy.base == "tickets" else "return_rate"
    size = -1.0 if metric == "score" else 2.0
    field, values = list(axes(decoy.base).items())[2]
    return Effect(metric, "level", (field, values[0]), size)


def _distinct(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The first effect of each metric and segment; a level and a change of it would mingle."""
    found: dict[tuple[str, Segment | None], Effect] = {}
    for effect in effects:
        found.setdefault((effect.metric, effect.segment), effect)
    return tuple(found.values())[:MOST_EFFECTS]
