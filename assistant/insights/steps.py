"""Counts and sums of cells in a period and the one before, and the same steps of earlier years."""

import numpy as np
from scipy import stats

from assistant.insights.cubes import Array

NEWTON = 8
SMALL = 1e-4
LENIENT = 1.28
MIN_FREEDOM = 10


class Steps:
    """Groups whose step differs from all others', beyond their step in earlier years.

    A log-linear model (quasi-Poisson, McCullagh and Nelder 1989): every cell has its own size and
    every period its own level; every group may have grown from year to year, and may take the same
    step every year where earlier years let it seem so. What is tested is a group's own step of this
    year. Conditional on each cell's total it is a multinomial model of the periods, fitted by
    Newton's method.

    Args:
        totals: Cells x periods; now, before, and the same of earlier years in this order.
        members: Cells x groups.
        families: The dimension of each group.
        dispersion: Variance by mean when the cells are too few to tell; its least for counts.
        counted: Counts scatter at least as Poisson's do.
    """

    def __init__(
        self,
        totals: Array,
        members: Array,
        families: tuple[int, ...],
        dispersion: float,
        *,
        counted: bool,
    ) -> None:
        self.families = families
        kept = totals.sum(axis=1) > 0
        self._y, self._x = totals[kept], members[kept]
        self._n = self._y.sum(axis=1)
        self._rough = max(1.0, dispersion) if counted else dispersion
        self._nuisance = self._usual()
        self._known: dict[tuple[int, ...], tuple[Array, Array]] = {}
        self._start = np.zeros(self._nuisance.shape[2])
        self._start = self._fitted(())[0]
        every = tuple(range(len(families)))
        self.freedom = len(self._y) * (totals.shape[1] - 1) - self._design(every).shape[2]
        spread = self._pearson(every) if self.freedom >= MIN_FREEDOM else dispersion
        self.dispersion = max(1.0, spread) if counted else spread
        self.leaning: Array | None = self._leaning()
        self._t = float("inf") if counted or self.freedom < MIN_FREEDOM else self.freedom

    def _leaning(self) -> Array:
        """Each group's step beyond that of earlier years, in standard errors."""
        sums = np.maximum(self._x.T @ self._y, 1e-9)
        steps = np.log(sums[:, 0::2] / sums[:, 1::2])
        doubts = self.dispersion * (1 / sums[:, 0::2] + 1 / sums[:, 1::2])
        years = max(1, steps.shape[1] - 1)
        usual = steps[:, 1:].sum(axis=1) / years
        doubt = doubts[:, 0] + doubts[:, 1:].sum(axis=1) / years**2
        return np.asarray((steps[:, 0] - usual) / np.sqrt(np.maximum(doubt, 1e-300)))

    def p_values(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`; by the score of each group's step (Rao)."""
        score, variance = self._scores(chosen)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(variance * self.dispersion)
            z = np.where((variance > 1e-9) & (error > 0), score / error, 0.0)
        law = stats.norm if self._t == float("inf") else stats.t(self._t)
        found = 2 * law.sf(np.abs(z))
        found[list(chosen)] = 1.0
        return np.asarray(found)

    def signs(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`."""
        return np.sign(self._scores(chosen)[0])

    def misfit(self, chosen: tuple[int, ...]) -> float:
        """As `Model`: the deviance but for a constant."""
        _, share = self._fitted(chosen)
        return -2 * float((self._y * np.log(np.maximum(share, 1e-300))).sum())

    def effects(self, chosen: tuple[int, ...]) -> Array:
        """As `Model`: log of the factor beyond all others' and beyond the usual."""
        found, _ = self._fitted(chosen)
        return found[len(found) - len(chosen) :] if chosen else np.zeros(0)

    def _usual(self) -> Array:
        """Levels of periods, growth from year to year and the step of every year, by group."""
        cells, periods = self._y.shape
        years, now = np.arange(periods) // 2, np.arange(periods) % 2 == 0
        parts = [np.tile(np.eye(periods)[:, 1:], (cells, 1, 1))]
        if periods > 2:
            grown = [years == year for year in range(1, periods // 2)]
            seasonal = self._seasonal()
            for group in self._free():
                flags = np.array([*grown, now] if seasonal[group] else grown, dtype=float)
                own = self._x[:, group, None] * flags[:, None, :]
                parts.append(np.moveaxis(own, 0, 2))
        return np.concatenate(parts, axis=2)

    def _seasonal(self) -> Array:
        """Groups whose step of earlier years may be unlike the others': it is taken out.

        By the log odds ratio of group and others. Taking out what is far within chance would only
        double the scatter.
        """
        inside = np.maximum(self._x.T @ self._y, 0.5)
        outside = np.maximum(self._y.sum(axis=0) - inside, 0.5)
        odds = np.log(inside / outside)[:, 2:]
        apart = (odds[:, 0::2] - odds[:, 1::2]).sum(axis=1)
        squared = (1 / inside + 1 / outside)[:, 2:].sum(axis=1) * self._rough
        return np.asarray(np.abs(apart) >= LENIENT * np.sqrt(squared))

    def _free(self) -> list[int]:
        """Groups with rows in every period; one of each dimension is left out as a measure."""
        sums = (self._x.T @ self._y).min(axis=1)
        largest = {
            family: max((s, n) for n, s in enumerate(sums) if self.families[n] == family)[1]
            for family in set(self.families)
        }
        return [n for n, f in enumerate(self.families) if sums[n] > 0 and largest[f] != n]

    def _design(self, chosen: tuple[int, ...]) -> Array:
        own = np.zeros((*self._y.shape, len(chosen)))
        own[:, 0, :] = self._x[:, list(chosen)]
        return np.concatenate([self._nuisance, own], axis=2)

    def _fitted(self, chosen: tuple[int, ...]) -> tuple[Array, Array]:
        """Coefficients and each period's share of a cell, cells x periods."""
        if chosen in self._known:
            return self._known[chosen]
        design = self._design(chosen)
        found = np.zeros(design.shape[2])
        found[: len(self._start)] = self._start
        share = _softmax(design @ found)
        flat = design.reshape(-1, design.shape[2])
        for _ in range(NEWTON):
            score = (self._y - self._n[:, None] * share).ravel() @ flat
            step = np.linalg.lstsq(self._information(design, share), score, rcond=1e-10)[0]
            found = found + np.clip(step, -2, 2)
            share = _softmax(design @ found)
            if np.abs(step).max(initial=0.0) < SMALL:
                break
        self._known[chosen] = found, share
        return found, share

    def _information(self, design: Array, share: Array) -> Array:
        weights = self._n[:, None] * share
        flat = design.reshape(-1, design.shape[2])
        middle = (share[:, None, :] @ design)[:, 0, :]
        squares = flat.T @ (flat * weights.reshape(-1, 1))
        return np.asarray(squares - middle.T @ (middle * self._n[:, None]))

    def _scores(self, chosen: tuple[int, ...]) -> tuple[Array, Array]:
        design = self._design(chosen)
        _, share = self._fitted(chosen)
        now, weights = share[:, 0], self._n * share[:, 0]
        score = self._x.T @ (self._y[:, 0] - weights)
        middle = (share[:, None, :] @ design)[:, 0, :]
        cross = self._x.T @ (weights[:, None] * (design[:, 0, :] - middle))
        inverse = np.linalg.pinv(self._information(design, share), rcond=1e-10)
        own = (self._x**2).T @ (weights * (1 - now))
        return score, own - np.einsum("jp,pq,jq->j", cross, inverse, cross)

    def _pearson(self, chosen: tuple[int, ...]) -> float:
        _, share = self._fitted(chosen)
        expected = np.maximum(self._n[:, None] * share, 1e-12)
        return float(((self._y - expected) ** 2 / expected).sum() / self.freedom)


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
