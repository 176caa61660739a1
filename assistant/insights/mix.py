"""Contribution to a change of a rate: did a group change, or did its weight (mix) change?"""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.changes import Change, changes
from assistant.insights.cubes import Cube, Group, cube
from assistant.insights.history import history
from assistant.insights.sizes import Size, size_metric
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import Estimate, share_ratio, student

MAX_DIMENSIONS = 4
MIN_SHARE = 0.4
MIN_CHANGE = 0.02


class Detector:
    """Splits a rate's change into the groups' own changes (rate) and of their weights (mix).

    With weights w and rates r by group, and the mean of both periods written with a bar, the change
    is exactly Σ w̄·Δr + Σ Δw·(r̄ - R̄). A group whose rate changed on its own (see `changes`) is
    named, with its part of the whole's change where that is 40 % or more. A weight is named, of
    rates whose denominator the model counts, for a whole change that is no chance of which it
    explains 40 % or more, when it is no chance itself (false discovery rate 0.5 %).
    """

    kind = "mix"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups that changed, and the strongest weight of each dimension."""
        compared = spans(scene)
        size = None if additive(scene.metric, scene.model) else size_metric(scene)
        if compared is None or size is None:
            return []
        periods = [compared.now, compared.before]
        found = cube(scene, candidates(scene, MAX_DIMENSIONS), periods, size)
        if found is None or not found.sizes.sum(axis=0).all():
            return []
        own = [_of_rate(found, change) for change in changes(scene, compared, size)]
        parts = [part for part in own if part.estimate.certain]
        if size.exact and _surely(scene, found, compared):
            parts += _weights(scene, found)
        return [_insight(scene, part, size) for part in parts]


@dataclass(frozen=True)
class _Part:
    """One group's rate or weight part of the change.

    Attributes:
        share: Part of the whole change.
        now: The group's rate, or its weight in percent.
        estimate: Relative change of what `now` is.
    """

    group: Group
    weight: bool
    share: float
    now: float
    before: float
    n: float
    whole: tuple[float, float]
    estimate: Estimate
    evidence: tuple[Evidence, Evidence]


def _whole(found: Cube) -> tuple[float, float]:
    """The rate of all cells now and before."""
    now, before = (found.values * found.sizes).sum(axis=0) / found.sizes.sum(axis=0)
    return float(now), float(before)


def _surely(scene: Scene, found: Cube, compared: Spans) -> bool:
    """True when the whole changed at all: chance needs no explanation."""
    now, before = _whole(found)
    kept = history(scene, compared, additive=False)
    if kept is None or not kept.scatter[1] or abs(now - before) < MIN_CHANGE * abs(before):
        return False
    variance, freedom = kept.scatter
    error = (variance * (1 / found.sizes.sum(axis=0)).sum()) ** 0.5
    return bool(error) and student(now - before, error, freedom).certain


def _of_rate(found: Cube, change: Change) -> _Part:
    now, before = whole = _whole(found)
    share = (
        sum(change.weights) / 2 * (change.now - change.before) / ((now - before) or float("inf"))
    )
    return _Part(
        change.group,
        False,
        share,
        change.now,
        change.before,
        change.n,
        whole,
        Estimate(change.figure.effect, change.figure.interval, change.p_value),
        change.evidence,
    )


def _weights(scene: Scene, found: Cube) -> list[_Part]:
    """The strongest weight of each dimension, if it is no chance."""
    parts = [part for group in found.groups() for part in _of_weight(found, group)]
    kept = scene.significant([part.estimate.p_value for part in parts])
    best: dict[object, _Part] = {}
    for part, holds in zip(parts, kept, strict=True):
        dimension = part.group.dimension
        leads = dimension not in best or part.share > best[dimension].share
        if holds and part.estimate.certain and part.share >= MIN_SHARE and leads:
            best[dimension] = part
    return list(best.values())


def _of_weight(found: Cube, group: Group) -> Iterator[_Part]:
    member = found.members([group])[:, :1]
    sizes = found.sizes * member
    (here, there), (total, earlier) = sizes.sum(axis=0), found.sizes.sum(axis=0)
    estimate = share_ratio(here, total, there, earlier)
    if estimate is None:
        return
    whole = _whole(found)
    rates = (found.values * sizes).sum(axis=0) / sizes.sum(axis=0)
    gap = (float(rates.sum()) - sum(whole)) / 2
    share = (here / total - there / earlier) * gap / (whole[0] - whole[1])
    weights = 100 * float(here / total), 100 * float(there / earlier)
    evidence = (found.evidence[0], found.evidence[1])
    n = float(here + there)
    yield _Part(group, True, float(share), *weights, n, whole, estimate, evidence)


def _insight(scene: Scene, part: _Part, size: Size) -> Insight:
    unit = "percent" if part.weight else scene.metric.unit
    rose = part.whole[0] > part.whole[1] if _explains(part) else part.now > part.before
    name = "mix" if part.weight else "rate" if _explains(part) else "own_change"
    statement = scene.text(
        f"{name}_{'rise' if rose else 'fall'}",
        metric=scene.label(scene.metric),
        group=scene.said(part.group.value, part.group.dimension),
        dimension=scene.dimension_label(part.group.dimension),
        share=scene.number(100 * part.share, "percent"),
        now=scene.number(part.now, unit),
        before=scene.number(part.before, unit),
    )
    return Insight(
        id="",
        type="mix" if part.weight else "rate",
        statement=statement,
        metric=scene.metric.name,
        segment=part.group.segment,
        value=part.now,
        baseline=part.before,
        effect=part.estimate.effect,
        interval=part.estimate.interval,
        n=round(part.n) if size.exact else None,
        p_value=part.estimate.p_value,
        direction=scene.direction(1 if rose else -1),
        evidence_sql=tuple(evidence.sql for evidence in part.evidence),
        silos=part.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=unit,
    )


def _explains(part: _Part) -> bool:
    """True when it is enough of the whole's change to call it that."""
    return part.share >= MIN_SHARE
