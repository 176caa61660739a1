"""Seeded chance and the calendar of the demo: the same world on every machine."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

SEED = 20_261_031
TODAY = date(2026, 10, 31)
FIRST = date(2024, 11, 1)
DAYS = (TODAY - FIRST).days + 1
EPOCH = date(1970, 1, 1)
Array = np.ndarray[Any, Any]


def generator(name: str) -> np.random.Generator:
    """A generator of its own for each part, so that parts can change apart."""
    return np.random.default_rng([SEED, *name.encode()])


def day_number(day: date) -> int:
    """Days since the first day of the demo; negative before it."""
    return (day - FIRST).days


def season(days: Array) -> Array:
    """Relative demand by day: a December peak, alike in both years, and busy weekends."""
    moments = dates(days)
    month = moments.astype("datetime64[M]").astype(int) % 12 + 1
    weekday = (moments.astype("datetime64[D]").astype(int) + 3) % 7
    factor = np.where(month == 12, 1.6, np.where(np.isin(month, (6, 7)), 1.15, 1.0))
    result: Array = factor * np.where(weekday >= 5, 1.2, 1.0)
    return result


def dates(days: Array) -> Array:
    """Day numbers as NumPy dates."""
    base = np.datetime64(FIRST)
    result: Array = base + days.astype("timedelta64[D]")
    return result


def moments(rng: np.random.Generator, days: Array) -> Array:
    """Day numbers as moments between 7 and 22 o'clock, to the second."""
    seconds = rng.integers(7 * 3600, 22 * 3600, len(days))
    result: Array = dates(days).astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return result


def seasonal_days(rng: np.random.Generator, count: int) -> Array:
    """Random days of the demo's two years, more of them when demand is high; sorted."""
    every = np.arange(DAYS)
    weights = season(every)
    chosen: Array = np.sort(rng.choice(every, count, p=weights / weights.sum()))
    return chosen


def pick(rng: np.random.Generator, choices: Mapping[Any, float], count: int) -> Array:
    """Random choices by weight."""
    weights = np.array(list(choices.values()), dtype=float)
    values = np.array(list(choices), dtype=object)
    chosen: Array = values[rng.choice(len(values), count, p=weights / weights.sum())]
    return chosen


def nullable(values: Array, keep: Array, kind: pa.DataType) -> pa.Array:
    """An Arrow array with nulls where `keep` is false."""
    return pa.array(values, type=kind, mask=~keep)


def strings(values: Sequence[Any] | Array) -> pa.Array:
    """Texts; None stays null."""
    return pa.array(list(values), type=pa.string())


def money(values: Array) -> pa.Array:
    """Amounts in francs to the centime, as exact decimals."""
    cents = np.round(values * 100).astype(np.int64).tolist()
    texts = pa.array([f"{cent // 100}.{cent % 100:02d}" for cent in cents])
    return texts.cast(pa.decimal128(12, 2))
