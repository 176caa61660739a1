"""Which groups stand out, all together: forward selection with a false discovery rate."""

from typing import Protocol

import numpy as np
from scipy import stats

from assistant.insights.cubes import Array

ROUNDS = 12
SMALL = 1e-6
ALIKE, TINY = 1e-3, 1e-300
LEFT = 2.5


class Model(Protocol):
    """Explains figures by some groups' own effects; groups are numbered."""

    families: tuple[int, ...]  # the dimension of each group

    @property
    def leaning(self) -> Array | None:
        """How far each group is from its own past, in standard errors; None when unknown."""

    def p_values(self, chosen: tuple[int, ...]) -> Array:
        """Of each group's own effect, those chosen being in the model; 1 for those chosen."""

    def signs(self, chosen: tuple[int, ...]) -> Array:
        """Which way each group's own effect goes, as -1, 0 or 1."""

    def misfit(self, chosen: tuple[int, ...]) -> float:
        """How badly the chosen groups explain the figures."""

    def effects(self, chosen: tuple[int, ...]) -> Array:
        """Each chosen group's own effect, in the order chosen."""


def choose(
    model: Model, rate: float, first: frozenset[int] = frozenset(), contrary: float = 1.0
) -> dict[int, float]:
    """Groups with an effect of their own, and its p value, in the order they were found.

    Each round adds the group with the smallest p value given those before, while it is at most
    ``rate x round / groups`` (Benjamini and Hochberg's line); a chosen group gives way to another
    one of its dimension that explains more. So a group that only moved because another one did,
    in its own dimension or through a dimension that goes along with it, is not chosen. Where two
    groups differ from each other and no third one tells which is unlike the others, the one that
    left its own past is; if neither did, or both, neither is named.

    Args:
        model: Tests the groups.
        rate: False discovery rate of a family of groups.
        first: Groups asked for, a family of their own; all others are another.
        contrary: What the p value of a group counts more when its own effect goes against the way
            it went from its own past: it is rather the others that moved.
    """
    chosen: tuple[int, ...] = ()
    found: dict[int, float] = {}
    unnamed: set[int] = set()
    groups = len(model.families)
    sizes = np.where([n in first for n in range(groups)], len(first), groups - len(first))
    for turn in range(1, min(ROUNDS, groups) + 1):
        p_values = model.p_values(chosen)
        weighed = p_values * sizes
        if contrary > 1 and model.leaning is not None:
            against = model.signs(chosen) * model.leaning < 0
            weighed = np.where(against, weighed * contrary, weighed)
        best = int(np.argmin(weighed))
        if weighed[best] > rate * turn:
            break
        p_value = float(p_values[best])
        pair = _alike(model, p_values, best)
        if len(pair) > 1:
            named = _leaning(model, pair)
            best = pair[0] if named is None else named
            unnamed |= set(pair) if named is None else set(pair) - {named}
        chosen = _improved(model, (*chosen, best), unnamed)
        found[best] = p_value
        found = {n: found.get(n, p_value) for n in chosen}
    return {n: p_value for n, p_value in found.items() if n not in unnamed}


def _alike(model: Model, p_values: Array, best: int) -> list[int]:
    """Groups of the dimension between which the figures cannot tell."""
    return [
        n
        for n, family in enumerate(model.families)
        if family == model.families[best]
        and p_values[n] < 1
        and abs(p_values[n] - p_values[best]) <= ALIKE * p_values[best] + TINY
    ]


def _leaning(model: Model, pair: list[int]) -> int | None:
    """The one group that left its own past."""
    leaning = model.leaning
    if leaning is None or len(pair) != 2:
        return None
    far, near = sorted(pair, key=lambda n: -abs(leaning[n]))
    sizes = abs(leaning[far]), abs(leaning[near])
    return far if sizes[0] >= LEFT and sizes[1] < sizes[0] / 2 else None


def _improved(model: Model, chosen: tuple[int, ...], closed: set[int]) -> tuple[int, ...]:
    """Each chosen group exchanged for one of its dimension where that explains more."""
    best, misfit = chosen, model.misfit(chosen)
    for old in chosen:
        for new, family in enumerate(model.families):
            if family != model.families[old] or {new, old} & closed:
                continue
            if new in best or old not in best:
                continue
            other = tuple(new if n == old else n for n in best)
            found = model.misfit(other)
            if found < misfit * (1 - 1e-9) - 1e-9:
                best, misfit, old = other, found, new
    return best


class Means:
    """Means or rates of cells, by weighted least squares.

    Args:
        values: By cell.
        sizes: Observations by cell; variance goes with their inverse.
        own: What each group's own effect would add, cells x groups, 0 or 1.
        families: The dimension of each group.
        scatter: Variance of one observation and its degrees of freedom, measured elsewhere; it is
            pooled with what the groups together leave unexplained.
        usual: What is explained anyway, cells x columns; None is one level of all.
        leaning: As in `Model`.
    """

    def __init__(
        self,
        values: Array,
        sizes: Array,
        own: Array,
        families: tuple[int, ...],
        scatter: tuple[float, float],
        usual: Array | None = None,
        leaning: Array | None = None,
    ) -> None:
        kept = sizes > 0
        root = np.sqrt(sizes[kept])
        self.families = families
        self.leaning: Array | None = leaning
        base = np.ones((int(kept.sum()), 1)) if usual is None else usual[kept]
        base, size, _ = np.linalg.svd(base * root[:, None], full_matrices=False)
        base = base[:, size > SMALL * size.max(initial=0.0)]
        y, x = values[kept] * root, own[kept] * root[:, None]
        self._y, self._x = y - base @ (base.T @ y), x - base @ (base.T @ x)
        self._scale = (x**2).sum(axis=0)
        rest, rank = self._rest(tuple(range(len(families))))
        free = max(0, len(y) - base.shape[1] - rank)
        self.freedom = free + scatter[1]
        total = float(rest @ rest) + scatter[0] * scatter[1]
        self.variance = total / self.freedom if self.freedom else float("inf")

    def p_values(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`; Student's t with the pooled variance."""
        found = 2 * stats.t.sf(np.abs(self._t(chosen)), self.freedom)
        found[list(chosen)] = 1.0
        return np.asarray(found)

    def signs(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`."""
        return np.sign(self._t(chosen))

    def _t(self, chosen: tuple[int, ...]) -> Array:
        base = self._x[:, list(chosen)]
        rest, _ = self._rest(chosen)
        own = self._x - base @ np.linalg.lstsq(base, self._x, rcond=None)[0] if chosen else self._x
        norms = (own**2).sum(axis=0)
        free = norms > SMALL * np.maximum(1.0, self._scale)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(free, own.T @ rest / np.sqrt(norms * self.variance), 0.0)

    def misfit(self, chosen: tuple[int, ...]) -> float:
        """As `Model`: the squares that are left."""
        rest, _ = self._rest(chosen)
        return float(rest @ rest)

    def effects(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`, in the metric's unit against the groups not chosen."""
        if not chosen:
            return np.zeros(0)
        return np.asarray(np.linalg.lstsq(self._x[:, list(chosen)], self._y, rcond=None)[0])

    def errors(self, chosen: tuple[int, ...]) -> Array:
        """Standard error of each of these effects."""
        columns = self._x[:, list(chosen)]
        inverse = np.linalg.pinv(columns.T @ columns)
        return np.asarray(np.sqrt(np.maximum(0.0, np.diag(inverse)) * self.variance))

    def _rest(self, chosen: tuple[int, ...]) -> tuple[Array, int]:
        if not chosen:
            return self._y, 0
        base = self._x[:, list(chosen)]
        found, _, rank, _ = np.linalg.lstsq(base, self._y, rcond=None)
        return self._y - base @ found, int(rank)
