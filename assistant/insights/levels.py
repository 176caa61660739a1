"""Rates and means by group: which group lies away from the whole, with an interval."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.candidates import candidates
from assistant.insights.changes import leaning
from assistant.insights.cubes import Cube, Group, asked, cube
from assistant.insights.groups import figure
from assistant.insights.history import history
from assistant.insights.sizes import Size, size_metric
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import FALSE_RATE, Estimate, ratio_to_whole
from assistant.insights.stepwise import Means, choose

MIN_EFFECT = 0.03
MAX_DIMENSIONS = 4


class Detector:
    """Groups whose rate or mean differs from all others', the other dimensions taken into account.

    All groups of up to four dimensions are explained together: weighted least squares on the cells
    of all dimensions, forward selection (see `stepwise`, false discovery rate 0.5 %). A group that
    lies away only as a stronger one of its dimension pulls on the whole, or as it holds more of
    another dimension's group that is really different (Simpson), is not chosen. What is said is
    the plain figure against the whole, with the interval of that ratio (delta method); the variance
    of one observation comes from the cells and from how the figure's weeks scatter. Left out are
    groups with fewer than 30 observations.
    """

    kind = "levels"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups away from the whole, by the dimensions asked for or the model's own."""
        compared, size = spans(scene), size_metric(scene)
        if compared is None or size is None or additive(scene.metric, scene.model):
            return []
        whole = figure(scene, compared.now)
        periods = [compared.now, compared.before]
        found = cube(scene, candidates(scene, MAX_DIMENSIONS), periods, size)
        if whole is None or not whole[0] or found is None:
            return []
        away = _away(scene, found, compared)
        return [_insight(scene, level, found, size) for level in away if _large(level, whole[0])]


@dataclass(frozen=True)
class _Level:
    """A group's rate and the whole's, from the same cells.

    Attributes:
        own: Distance from the groups not chosen, in the metric's unit.
        estimate: The rate less the whole, in parts of the whole.
    """

    group: Group
    value: float
    whole: float
    n: float
    own: float
    estimate: Estimate


def _large(level: _Level, whole: float) -> bool:
    """Large enough to say, and the plain figure lies the same way as the group's own effect."""
    least = min(abs(level.own) / abs(whole), abs(level.estimate.effect))
    same_way = level.estimate.effect * level.own > 0
    return level.estimate.certain and same_way and least >= MIN_EFFECT


def _away(scene: Scene, found: Cube, compared: Spans) -> Iterator[_Level]:
    """The groups with an effect of their own."""
    groups = found.first(1).groups()
    if not groups:
        return
    kept = history(scene, compared, additive=False)
    families = tuple(found.dimensions.index(group.dimension) for group in groups)
    values, sizes, members = found.values[:, 0], found.sizes[:, 0], found.members(groups)
    scatter = kept.scatter if kept else (0.0, 0.0)
    left = leaning(found, members, scatter) if scatter[1] else None
    model = Means(values, sizes, members, families, scatter, leaning=left)
    if not model.freedom:
        return
    scene.count_tests(len(groups))
    chosen = choose(model, FALSE_RATE, asked(scene, groups))
    whole = float(values @ sizes / sizes.sum())
    bound = 100.0 if scene.metric.unit == "percent" else None
    for (nth, p_value), own in zip(chosen.items(), model.effects(tuple(chosen)), strict=True):
        n = float(members[:, nth] @ sizes)
        value = float(members[:, nth] @ (values * sizes)) / n
        estimate = ratio_to_whole((value, n), (whole, float(sizes.sum())), model.variance, bound)
        sure = Estimate(estimate.effect, estimate.interval, p_value)
        yield _Level(groups[nth], value, whole, n, float(own), sure)


def _insight(scene: Scene, level: _Level, found: Cube, size: Size) -> Insight:
    group, evidence = level.group, found.evidence[0]
    statement = scene.text(
        "level_high" if level.value > level.whole else "level_low",
        metric=scene.label(scene.metric),
        group=scene.said(group.value, group.dimension),
        dimension=scene.dimension_label(group.dimension),
        value=scene.number(level.value),
        whole=scene.number(level.whole),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment=group.segment,
        value=level.value,
        baseline=level.whole,
        effect=level.estimate.effect,
        interval=level.estimate.interval,
        n=round(level.n) if size.exact else None,
        p_value=level.estimate.p_value,
        direction=scene.direction(level.value - level.whole),
        evidence_sql=(evidence.sql,),
        silos=evidence.silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
