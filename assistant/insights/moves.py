"""Groups whose part of a count or a sum moved on their own, beyond what they do every year."""

from dataclasses import dataclass
from math import expm1, log, sqrt

from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.cubes import Array, Cube, Group, asked, cube
from assistant.insights.history import earlier_years, history
from assistant.insights.sizes import size_metric
from assistant.insights.spans import Spans
from assistant.insights.statistics import FALSE_RATE, Estimate, log_ratio, share_ratio
from assistant.insights.steps import Steps
from assistant.insights.stepwise import choose

MAX_DIMENSIONS = 4
MIN_STEP = 0.05


@dataclass(frozen=True)
class Move:
    """A group that moved.

    Attributes:
        now: The group's figure, and `total` the whole's; `before` and `earlier` the same before.
        own: Its step beyond all others', log scale.
        share: Relative change of its share of the whole.
        figure: Relative change of its figure, per day.
        p_value: Of its own step.
        evidence: Of the period and of the one before.
    """

    group: Group
    now: float
    total: float
    before: float
    earlier: float
    own: float
    share: Estimate
    figure: Estimate
    p_value: float
    evidence: tuple[Evidence, Evidence]


def moves(scene: Scene, compared: Spans) -> list[Move]:
    """Groups with a step of their own, those of all dimensions told apart together.

    See `steps` for the model and `stepwise` for the choice (false discovery rate 0.5 %). Groups
    with fewer than 30 rows now or before are left out, as are steps under 5 %.
    """
    kept = history(scene, compared, additive=True)
    if kept is None:
        return []
    found = _steps_of(scene, [compared, *earlier_years(compared, kept)])
    if found is None or (found.values < 0).any() or found.values[:, :2].sum(axis=0).min() <= 0:
        return []
    groups = found.first(2).groups()
    if not groups:
        return []
    members = found.members(groups)
    families = tuple(found.dimensions.index(group.dimension) for group in groups)
    counted = scene.metric.unit == "count"
    model = Steps(found.values, members, families, kept.scatter[0], counted=counted)
    scene.count_tests(len(groups))
    chosen = choose(model, FALSE_RATE, asked(scene, groups))
    sides = Sides(found.values, members, compared.scale, model.dispersion, kept.scatter[0])
    made = []
    for (nth, p_value), own in zip(chosen.items(), model.effects(tuple(chosen)), strict=True):
        share, figure = sides.share(nth), sides.figure(nth)
        if share is not None and figure is not None and abs(expm1(own)) >= MIN_STEP:
            now, before = sides.group(nth)
            both = (found.evidence[0], found.evidence[1])
            made.append(
                Move(
                    groups[nth],
                    now,
                    sides.total,
                    before,
                    sides.earlier,
                    float(own),
                    share,
                    figure,
                    p_value,
                    both,
                )
            )
    return made


def _steps_of(scene: Scene, steps: list[Spans]) -> Cube | None:
    """Now, before, and the same of each earlier year."""
    periods = [period for step in steps for period in (step.now, step.before)]
    size = None if scene.metric.unit == "count" else size_metric(scene)
    dimensions = candidates(scene, MAX_DIMENSIONS)
    return cube(scene, dimensions, periods, size)


@dataclass(frozen=True)
class Sides:
    """Plain figures of groups in the two periods, with their intervals.

    Attributes:
        within: Variance by mean of a group's figure, what all groups share left aside.
        common: The same of the whole's.
    """

    values: Array
    members: Array
    scale: float
    within: float
    common: float

    @property
    def total(self) -> float:
        """The whole now."""
        return float(self.values[:, 0].sum())

    @property
    def earlier(self) -> float:
        """The whole before."""
        return float(self.values[:, 1].sum())

    def group(self, nth: int) -> tuple[float, float]:
        """A group's figure now and before."""
        now, before = self.members[:, nth] @ self.values[:, :2]
        return float(now), float(before)

    def share(self, nth: int) -> Estimate | None:
        """Relative change of the share of the whole (Katz)."""
        now, before = self.group(nth)
        return share_ratio(now, self.total, before, self.earlier, self.within)

    def figure(self, nth: int) -> Estimate | None:
        """Relative change of the figure per day; good and bad days are everybody's."""
        now, before = self.group(nth)
        if min(now, before) <= 0:
            return None
        own = self.within * (1 / now + 1 / before)
        shared = max(0.0, self.common - self.within) * (1 / self.total + 1 / self.earlier)
        return log_ratio(log(now / before / self.scale), sqrt(own + shared))
