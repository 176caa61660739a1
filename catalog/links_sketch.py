"""Sketches of key sets: small, made of salted hashes, never stored.

A `KeySketch` holds the keys with the smallest hashes: a uniform sample of the distinct keys, with
the exact number of rows of each. A row sample beside it keeps one key that stands in a third of
all rows from being missed.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from connectors.keys import Counts, Hashes, KeyCounts

KEPT_KEYS = 4_096
KEPT_ROWS = 16_384
RANGE = float(2**64)
Method = Literal["exact", "sketch"]


@dataclass(frozen=True)
class Figures:
    """How well the left keys find the right ones.

    Attributes:
        match_rate: Share, 0 to 1, of left rows with a key that find a partner; None without rows.
        key_match_rate: The same of distinct left keys.
        fan_out: Mean partners per left row that finds one; None when none does.
        method: ``exact`` when every left key was looked up, ``sketch`` when a sample was.
    """

    match_rate: float | None
    key_match_rate: float | None
    fan_out: float | None
    method: Method


class KeySketch:
    """The keys of one side, in bounded memory. Feed it, then ask."""

    def __init__(self, keys: int = KEPT_KEYS, sampled_rows: int = KEPT_ROWS) -> None:
        self._most_keys = keys
        self._most_rows = sampled_rows
        self._chance = np.random.default_rng()
        self._lots = np.empty(0)
        self._row_hashes: Hashes = np.empty(0, np.uint64)
        self.hashes: Hashes = np.empty(0, np.uint64)
        self.counts: Counts = np.empty(0, np.int64)
        self.rows = 0
        self.whole = True

    def add(self, keys: KeyCounts) -> None:
        """Take the keys of some more rows."""
        self.rows += int(keys.rows.sum())
        self._sample_rows(np.repeat(keys.hashes, keys.rows))
        kept = np.ones(len(keys.hashes), bool) if self.whole else keys.hashes <= self.hashes[-1]
        both = np.concatenate([self.hashes, keys.hashes[kept]])
        rows = np.concatenate([self.counts, keys.rows[kept]])
        found, place = np.unique(both, return_inverse=True)
        counts = np.zeros(len(found), np.int64)
        np.add.at(counts, place, rows)
        self.whole = self.whole and len(found) <= self._most_keys
        self.hashes, self.counts = found[: self._most_keys], counts[: self._most_keys]

    def _sample_rows(self, hashes: Hashes) -> None:
        """Each row draws a lot; the rows with the smallest ones stay: a uniform sample."""
        lots = self._chance.random(len(hashes))
        if len(self._lots) == self._most_rows:
            chosen = lots < self._lots.max()
            lots, hashes = lots[chosen], hashes[chosen]
        lots = np.concatenate([self._lots, lots])
        hashes = np.concatenate([self._row_hashes, hashes])
        if len(lots) > self._most_rows:
            chosen = np.argpartition(lots, self._most_rows - 1)[: self._most_rows]
            lots, hashes = lots[chosen], hashes[chosen]
        self._lots, self._row_hashes = lots, hashes

    @property
    def distinct(self) -> float:
        """Number of distinct keys; an estimate when not `whole`."""
        if self.whole:
            return float(len(self.hashes))
        return (len(self.hashes) - 1) / (float(self.hashes[-1]) / RANGE)

    @property
    def repeats(self) -> float:
        """Mean rows per key; 1 when each stands once, 0 without keys."""
        return float(self.counts.mean()) if len(self.counts) else 0.0

    def wanted(self) -> Hashes:
        """The hashes to look up at the right side for `figures`, sorted."""
        return self.hashes if self.whole else np.union1d(self.hashes, self._row_hashes)

    def contained_in(self, other: "KeySketch") -> float | None:
        """Share of the distinct keys that `other` holds too; None when too few can be compared."""
        below = self.hashes
        if not other.whole:
            below = self.hashes[self.hashes <= other.hashes[-1]]
        if len(below) == 0:
            return None
        return float(np.isin(below, other.hashes, assume_unique=True).mean())

    def figures(self, right: "Tally") -> Figures:
        """Match and fan-out towards a side in which `wanted` was counted."""
        if self.rows == 0:
            return Figures(None, None, None, "exact")
        key_rate = float((right.rows_of(self.hashes) > 0).mean())
        if self.whole:
            hashes, weights = self.hashes, self.counts
        else:
            hashes, weights = self._row_hashes, np.ones(len(self._row_hashes), np.int64)
        partners = right.rows_of(hashes)
        matched = int(weights[partners > 0].sum())
        fan_out = float((weights * partners).sum()) / matched if matched else None
        method: Method = "exact" if self.whole else "sketch"
        return Figures(matched / int(weights.sum()), key_rate, fan_out, method)


class Tally:
    """Counts in how many rows of a side each of some keys stands."""

    def __init__(self, wanted: Hashes) -> None:
        """Take distinct hashes, sorted."""
        self._wanted = wanted
        self._rows: Counts = np.zeros(len(wanted), np.int64)

    def add(self, keys: KeyCounts) -> None:
        """Count the keys of some more rows."""
        place, known = self._places(keys.hashes)
        np.add.at(self._rows, place[known], keys.rows[known])

    def rows_of(self, hashes: Hashes) -> Counts:
        """Rows of each of these keys; 0 for one that was not asked for."""
        place, known = self._places(hashes)
        rows = np.zeros(len(hashes), np.int64)
        rows[known] = self._rows[place[known]]
        return rows

    def _places(self, hashes: Hashes) -> tuple[Counts, "np.ndarray[tuple[int], np.dtype[np.bool]]"]:
        if len(self._wanted) == 0:
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), bool)
        place = np.minimum(np.searchsorted(self._wanted, hashes), len(self._wanted) - 1)
        return place, self._wanted[place] == hashes
