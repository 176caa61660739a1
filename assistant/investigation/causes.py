"""Groups that go along with a change: found on one half of the days, confirmed on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.changes import again, change_model
from assistant.insights.cubes import Array, Cube, Group
from assistant.insights.history import History
from assistant.insights.moves import Sides
from assistant.insights.sizes import size_metric
from assistant.insights.spans import Spans
from assistant.insights.statistics import Estimate, ratio_of_means
from assistant.insights.steps import Steps
from assistant.insights.stepwise import Means, choose
from assistant.investigation.halves import Halves, halves
from assistant.metric_query import Dimension

LOOKED_RATE = 0.2
CONTRARY = 20.0
CONFIRMED_LEVEL = 0.05
MIN_COUNT = 30


@dataclass(frozen=True)
class Cause:
    """A group that changed on its own, on both halves of the days.

    Attributes:
        now: The group's figure of all days, and `before` the same earlier.
        part: Its part of the whole's change; of rates at the mean weight of both periods.
        estimate: Relative change of the group's figure, per day, on the days of confirmation alone,
            so that having been chosen does not flatter it; p value of its own change there.
        measure: The earlier figure on those days alone, which the estimate is relative to.
        n: Observations of both periods, of all days.
    """

    group: Group
    now: float
    before: float
    part: float
    estimate: Estimate
    measure: float
    n: int
    evidence: tuple[Evidence, Evidence]


@dataclass(frozen=True)
class Looked:
    """What one look at some dimensions gave.

    Attributes:
        groups: How many groups were tested.
        refuted: Groups found on one half and not confirmed on the other.
        seasonal: Groups that do the same every year.
    """

    dimensions: tuple[Dimension, ...]
    groups: int = 0
    causes: tuple[Cause, ...] = ()
    refuted: tuple[Group, ...] = ()
    seasonal: tuple[Group, ...] = ()


def look_for(
    scene: Scene,
    dimensions: Sequence[Dimension],
    steps: Sequence[Spans],
    kept: History,
    rate: float = LOOKED_RATE,
) -> Looked:
    """Look for causes among the groups of some dimensions.

    Args:
        scene: The question.
        dimensions: Told apart together.
        steps: The compared periods, then those of an earlier year where they are known.
        kept: The whole figure's history.
        rate: False discovery rate of the search, on one half of the days.
    """
    size = None if scene.metric.unit == "count" else size_metric(scene)
    summed = additive(scene.metric, scene.model)
    periods = [period for step in steps for period in (step.now, step.before)]
    if not summed and size is None:
        return Looked(tuple(dimensions))
    made = halves(scene, dimensions, periods, size, weighted=not summed)
    if made is None:
        return Looked(tuple(dimensions))
    groups = made.whole.first(2).groups(MIN_COUNT)
    if not groups or (summed and (made.whole.values < 0).any()):
        return Looked(tuple(dimensions))
    side = _Summed if summed else _Averaged
    return _Look(scene, made, groups, steps[0], kept, side).looked(rate)


class _Look:
    """The models of both halves and of all days."""

    def __init__(
        self,
        scene: Scene,
        made: Halves,
        groups: list[Group],
        compared: Spans,
        kept: History,
        side: "type[_Summed] | type[_Averaged]",
    ) -> None:
        self.made, self.groups = made, groups
        self.sides = [side(scene, half, groups, compared, kept) for half in (made.odd, made.even)]
        self.all = side(scene, made.whole, groups, compared, kept)

    def looked(self, rate: float) -> Looked:
        """Look on either half, and keep what the other one shows the same way.

        Each way round Holm's procedure at 5 % two-sided, which with the direction given is 2.5 %:
        both together err in at most 5 %.
        """
        found: dict[int, Cause | None] = {}
        chosen: dict[int, None] = {}
        for search, check in (self.sides, self.sides[::-1]):
            picked = tuple(choose(search.model, rate, contrary=CONTRARY))
            chosen |= dict.fromkeys(picked)
            tests = [_confirmed(search, check, picked, nth) for nth in picked]
            for nth, p_value, holds in zip(picked, tests, holm(tests), strict=True):
                if holds and nth not in found:
                    found[nth] = self._cause(check, nth, p_value)
        seasonal = [nth for nth in found if self.all.every_year(tuple(found), nth)]
        causes = [cause for nth, cause in found.items() if nth not in seasonal]
        return Looked(
            self.made.whole.dimensions,
            len(self.groups),
            tuple(cause for cause in causes if cause is not None),
            tuple(self.groups[nth] for nth in chosen if nth not in found),
            tuple(self.groups[nth] for nth in seasonal),
        )

    def _cause(self, check: "_Summed | _Averaged", nth: int, p_value: float) -> Cause | None:
        estimate = check.figure(nth)
        if estimate is None or not estimate.certain:
            return None
        now, before, part, n = self.all.said(nth)
        sure = Estimate(estimate.effect, estimate.interval, p_value)
        evidence = (self.made.whole.evidence[0], self.made.whole.evidence[1])
        return Cause(self.groups[nth], now, before, part, sure, check.said(nth)[1], n, evidence)


def _confirmed(
    search: "_Summed | _Averaged", check: "_Summed | _Averaged", chosen: tuple[int, ...], nth: int
) -> float:
    """P value on the other half, the other chosen groups told apart; 1 when the other way."""
    others = tuple(n for n in chosen if n != nth)
    effects = [side.model.effects((*others, nth))[-1] for side in (search, check)]
    p_value = float(check.model.p_values(others)[nth])
    return p_value if effects[0] * effects[1] > 0 else 1.0


def holm(p_values: Sequence[float]) -> list[bool]:
    """Which hold at 5 % over all of them (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda n: p_values[n])
    held = [False] * len(p_values)
    for rank, n in enumerate(order):
        if p_values[n] > CONFIRMED_LEVEL / (len(p_values) - rank):
            break
        held[n] = True
    return held


class _Summed:
    """Counts and sums of one half."""

    model: Steps

    def __init__(
        self, scene: Scene, found: Cube, groups: list[Group], compared: Spans, kept: History
    ) -> None:
        members = found.members(groups)
        families = tuple(found.dimensions.index(group.dimension) for group in groups)
        counted = scene.metric.unit == "count"
        spread = kept.scatter[0]
        self.model = Steps(found.values, members, families, spread, counted=counted)
        self._sides = Sides(found.values, members, compared.scale, self.model.dispersion, spread)
        self._sizes, self._members = found.sizes, members

    def figure(self, nth: int) -> Estimate | None:
        """Relative change of the group's figure, per day."""
        return self._sides.figure(nth)

    def said(self, nth: int) -> tuple[float, float, float, int]:
        """Now, before, part of the whole change, observations."""
        now, before = self._sides.group(nth)
        moved = self._sides.total - self._sides.earlier
        n = float((self._members[:, nth] @ self._sizes[:, :2]).sum())
        return now, before, (now - before) / moved if moved else 0.0, round(n)

    def every_year(self, chosen: tuple[int, ...], nth: int) -> bool:
        """False: the model takes earlier years' steps out itself."""
        return False


class _Averaged:
    """Rates and means of one half."""

    model: Means

    def __init__(
        self, scene: Scene, found: Cube, groups: list[Group], compared: Spans, kept: History
    ) -> None:
        self._bound = 100.0 if scene.metric.unit == "percent" else None
        self._found, self._members = found, found.members(groups)
        self.model = change_model(found.first(2), groups, kept.scatter)
        years = range(2, found.values.shape[1], 2)
        self._years = [change_model(_shifted(found, at), groups, kept.scatter) for at in years]

    def figure(self, nth: int) -> Estimate | None:
        """Relative change of the group's rate."""
        (now, n), (before, m) = self._sides(nth)
        if min(n, m) <= 0 or not before:
            return None
        middle = (now * n + before * m) / (n + m)
        return ratio_of_means((now, n), (before, m), self.model.variance, middle, self._bound)

    def said(self, nth: int) -> tuple[float, float, float, int]:
        """Now, before, part of the whole change, observations."""
        (now, n), (before, m) = self._sides(nth)
        sizes = self._found.sizes[:, :2].sum(axis=0)
        wholes = (self._found.values * self._found.sizes)[:, :2].sum(axis=0) / sizes
        moved = float(wholes[0] - wholes[1])
        weight = float(n / sizes[0] + m / sizes[1]) / 2
        return now, before, weight * (now - before) / moved if moved else 0.0, round(n + m)

    def every_year(self, chosen: tuple[int, ...], nth: int) -> bool:
        """True when an earlier year's own change is no chance, and this one not beyond it."""
        place = chosen.index(nth)
        own, error = self.model.effects(chosen)[place], self.model.errors(chosen)[place]
        usual = [
            (float(model.effects(chosen)[place]), float(model.errors(chosen)[place]))
            for model in self._years
        ]
        return again(float(own), float(error), usual)

    def _sides(self, nth: int) -> tuple[tuple[float, float], tuple[float, float]]:
        member = self._members[:, nth]
        sizes: Array = member @ self._found.sizes[:, :2]
        sums = member @ (self._found.values * self._found.sizes)[:, :2]
        means = np.divide(sums, sizes, out=np.zeros(2), where=sizes > 0)
        return (float(means[0]), float(sizes[0])), (float(means[1]), float(sizes[1]))


def _shifted(found: Cube, at: int) -> Cube:
    """The two periods from a place on."""
    return Cube(
        found.dimensions,
        found.cells,
        found.values[:, at : at + 2],
        found.sizes[:, at : at + 2],
        found.evidence[at : at + 2],
    )
