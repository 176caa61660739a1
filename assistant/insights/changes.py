"""Groups whose rate or mean changed on their own, between the period before and the asked one."""

from dataclasses import dataclass

import numpy as np

from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.cubes import Array, Cube, Group, asked, cube
from assistant.insights.history import earlier_years, history
from assistant.insights.sizes import Size
from assistant.insights.spans import Spans
from assistant.insights.statistics import FALSE_RATE, SEASON, Estimate, ratio_of_means, student
from assistant.insights.stepwise import Means, choose

MAX_DIMENSIONS = 4
Chosen = tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """A group whose rate changed.

    Attributes:
        own: The change less that of the groups that did not change on their own.
        figure: Relative change of the group's own rate.
        weights: The group's part of all observations, now and before.
        p_value: Of `own`.
        evidence: Of the period and of the one before.
    """

    group: Group
    now: float
    before: float
    n: float
    own: float
    figure: Estimate
    weights: tuple[float, float]
    p_value: float
    evidence: tuple[Evidence, Evidence]


def changes(scene: Scene, compared: Spans, size: Size) -> list[Change]:
    """Groups with a change of their own, those of all dimensions told apart together.

    Weighted least squares on the cells of both periods: every group may have its level, all change
    alike, and some change on their own (see `stepwise`, false discovery rate 0.5 %). What a group
    did in earlier years too, and not clearly more now, is season.
    """
    kept = history(scene, compared, additive=False)
    years = earlier_years(compared, kept)
    found = _both(scene, compared, size)
    groups = found.groups() if found else []
    if found is None or not groups:
        return []
    scatter = kept.scatter if kept else (0.0, 0.0)
    model = change_model(found, groups, scatter)
    if not model.freedom:
        return []
    scene.count_tests(len(groups))
    picked = choose(model, FALSE_RATE, asked(scene, groups))
    chosen, own = tuple(picked), model.effects(tuple(picked))
    usual = [_usual(scene, found, groups, year, size, scatter, chosen) for year in years]
    errors = model.errors(chosen)
    return [
        _change(scene, found, groups[nth], (float(own[place]), picked[nth]), model.variance)
        for place, nth in enumerate(chosen)
        if not again(own[place], errors[place], [year[place] for year in usual if year])
    ]


def _both(scene: Scene, compared: Spans, size: Size) -> Cube | None:
    periods = [compared.now, compared.before]
    return cube(scene, candidates(scene, MAX_DIMENSIONS), periods, size)


def change_model(found: Cube, groups: list[Group], scatter: tuple[float, float]) -> Means:
    """Both periods' cells one below the other."""
    members = found.members(groups)
    families = tuple(found.dimensions.index(group.dimension) for group in groups)
    ones, none = np.ones((len(members), 1)), np.zeros_like(members)
    usual = np.vstack([np.hstack([ones, ones, members]), np.hstack([ones, 0 * ones, members])])
    own = np.vstack([members, none])
    values, sizes = found.values.T.ravel(), found.sizes.T.ravel()
    return Means(values, sizes, own, families, scatter, usual, leaning(found, members, scatter))


def leaning(found: Cube, members: Array, scatter: tuple[float, float]) -> Array:
    """Each group's plain change from the second to the first period, in standard errors."""
    sizes = members.T @ found.sizes
    means = (members.T @ (found.values * found.sizes)) / sizes
    errors = np.sqrt(scatter[0] * (1 / sizes).sum(axis=1))
    return np.asarray((means[:, 0] - means[:, 1]) / np.maximum(errors, 1e-12))


def _usual(
    scene: Scene,
    found: Cube,
    groups: list[Group],
    year: Spans,
    size: Size,
    scatter: tuple[float, float],
    chosen: Chosen,
) -> list[tuple[float, float]] | None:
    """The chosen groups' own changes of an earlier year, with their errors."""
    if not chosen:
        return None
    earlier = cube(scene, found.dimensions, [year.now, year.before], size)
    if earlier is None or earlier.dimensions != found.dimensions:
        return None
    model = change_model(earlier, groups, scatter)
    return [*zip(model.effects(chosen).tolist(), model.errors(chosen).tolist(), strict=True)]


def again(own: float, error: float, usual: list[tuple[float, float]]) -> bool:
    """True when earlier years took such a step, surely, and this year's is not beyond it."""
    if not usual:
        return False
    middle = sum(step for step, _ in usual) / len(usual)
    doubt = float(np.sqrt(sum(e**2 for _, e in usual))) / len(usual)
    if middle * own <= 0 or not doubt or not student(middle, doubt, 1e6).certain:
        return False
    excess = student(own - middle, float(np.hypot(error, doubt)), 1e6)
    return excess.effect * own <= 0 or excess.p_value > SEASON


def _change(
    scene: Scene, found: Cube, group: Group, own: tuple[float, float], variance: float
) -> Change:
    member = found.members([group])[:, 0]
    sizes = found.sizes * member[:, None]
    n, m = (float(count) for count in sizes.sum(axis=0))
    now, before = (float(v) for v in (found.values * sizes).sum(axis=0) / (n, m))
    whole, earlier = (float(count) for count in found.sizes.sum(axis=0))
    bound = 100.0 if scene.metric.unit == "percent" else None
    middle = _middle(found)
    figure = ratio_of_means((now, n), (before, m), variance, middle, bound)
    evidence = (found.evidence[0], found.evidence[1])
    weights = n / whole, m / earlier
    return Change(group, now, before, n + m, own[0], figure, weights, own[1], evidence)


def _middle(found: Cube) -> float:
    return float((found.values * found.sizes).sum() / found.sizes.sum())
