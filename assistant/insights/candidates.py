"""Dimensions worth looking at: those asked for, then the metric's own, then those one link away."""

from collections.abc import Iterator

from sqlglot import exp

from assistant.compiler import reachable
from assistant.compiler.formulas import formula
from assistant.insights.base import Scene
from assistant.metric_query import Dimension

NEAR = 2
SKIPPED = frozenset({"name", "kanton", "anrede"})


def candidates(scene: Scene, limit: int) -> list[Dimension]:
    """Up to `limit` dimensions without time, asked ones first; none that is filtered already."""
    asked = [d for d in scene.query.dimensions if d.grain is None]
    found = dict.fromkeys([*asked, *_near(scene)])
    filtered = {(f.dataset, f.field) for f in scene.query.filters}
    kept = [d for d in found if (d.dataset, d.field) not in filtered and not _defines(d, scene)]
    return kept[:limit]


def _defines(dimension: Dimension, scene: Scene) -> bool:
    """True when the metric is made of this very field: returns are all returned, no finding."""
    columns = {
        (column.table, column.name)
        for name in _inputs(scene)
        for column in formula(name, scene.model).tree.find_all(exp.Column)
    }
    return (dimension.dataset, dimension.field) in columns


def _near(scene: Scene) -> Iterator[Dimension]:
    """Dimensions of the base dataset and of those it reaches, nearest first."""
    bases = [formula(name, scene.model).dataset for name in _inputs(scene)]
    steps = [reachable(scene.model, base) for base in bases if base is not None]
    shared = {
        dataset: max(step[dataset] for step in steps)
        for dataset in steps[0]
        if all(dataset in step for step in steps)
    }
    for dataset, distance in sorted(shared.items(), key=lambda pair: pair[1]):
        if distance > NEAR:
            continue
        for field in scene.model.datasets[dataset].fields:
            if field.dimension and not field.is_time and field.name not in SKIPPED:
                yield Dimension(dataset, field.name)


def _inputs(scene: Scene) -> tuple[str, ...]:
    return formula(scene.query.metrics[0], scene.model).inputs
