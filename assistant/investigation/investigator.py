"""From a figure that moved to its causes: is it real, who, does other data confirm it, what not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Insight, Investigation, RuledOut
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.candidates import candidates
from assistant.insights.faults import Detector as Faults
from assistant.insights.history import History, earlier_years, history
from assistant.insights.spans import Spans, spans
from assistant.insights.trend import Assessed, assess
from assistant.investigation import saying
from assistant.investigation.budget import Budget
from assistant.investigation.causes import LOOKED_RATE, Cause, Looked, look_for
from assistant.metric_query import Dimension
from assistant.understanding.why import Way
from connectors.errors import BudgetExceeded, RundblickError

MOST_DIMENSIONS = 16
BLOCK = 4
MOST_CAUSES = 4
SURE = 0.05


@dataclass(frozen=True)
class Found:
    """Insights, the verdict on the change first, and how they came about."""

    insights: tuple[Insight, ...]
    investigation: Investigation


def investigate(scene: Scene, budget: Budget, way: Way | None = None) -> Found | None:
    """Why the asked figure moved; None when it cannot be compared in time.

    First whether the change is real: faults of the data, chance, season. Then groups of every
    dimension within reach that changed on their own, on half of the days, tested again on the
    other half. All within the budget; what it did not reach is said.

    Args:
        scene: A question with a period.
        budget: What `scene.run` counts.
        way: Where the asker believes it moved.
    """
    compared = spans(scene)
    if compared is None:
        return None
    faults = Faults().detect(scene)
    assessed = assess(scene, compared)
    kept = history(scene, compared, additive=additive(scene.metric, scene.model))
    looked: list[Looked] = []
    missed: tuple[Dimension, ...] = ()
    if kept is not None and not (faults and additive(scene.metric, scene.model)):
        looked, missed = _look(scene, compared, kept)
    return _Report(scene, budget, way, tuple(faults), assessed, tuple(looked), missed).found()


def blocks(scene: Scene) -> list[tuple[Dimension, ...]]:
    """Dimensions within reach, those of one dataset together, four at most; asked ones first."""
    found: dict[str, list[Dimension]] = {}
    for dimension in candidates(scene, MOST_DIMENSIONS):
        found.setdefault(dimension.dataset, []).append(dimension)
    return [
        tuple(group[at : at + BLOCK])
        for group in found.values()
        for at in range(0, len(group), BLOCK)
    ]


def _look(
    scene: Scene, compared: Spans, kept: History
) -> tuple[list[Looked], tuple[Dimension, ...]]:
    """Every block; and the dimensions that the budget did not reach or that failed."""
    steps = [compared, *earlier_years(compared, kept, years=1)]
    todo = blocks(scene)
    looked: list[Looked] = []
    missed: list[Dimension] = []
    for block in todo:
        try:
            looked.append(look_for(scene, block, steps, kept, LOOKED_RATE / len(todo)))
        except BudgetExceeded:
            missed += block
        except RundblickError:
            missed += block
    return looked, tuple(missed)


@dataclass(frozen=True)
class _Report:
    """What was found, being said."""

    scene: Scene
    budget: Budget
    way: Way | None
    faults: tuple[Insight, ...]
    assessed: Assessed | None
    looked: tuple[Looked, ...]
    missed: tuple[Dimension, ...]

    def found(self) -> Found:
        """The verdict, the causes, what was ruled out and what it cost."""
        verdict = self._verdict()
        causes = self._causes()
        insights = [*self.faults, *([verdict[1]] if verdict[1] else [])]
        insights += [saying.cause(self.scene, cause) for cause in causes]
        tests = sum(look.groups + len(look.causes) + len(look.refuted) for look in self.looked)
        limits = self.budget.limits
        made = Investigation(
            verdict=verdict[0],
            tests=tests + (self.assessed is not None) + 1,
            confirmed=len(causes),
            ruled_out=tuple(self._ruled_out(verdict[0])),
            spent=vars(self.budget.spent()),
            limits={
                "fragments": limits.fragments,
                "bytes": limits.bytes,
                "seconds": limits.seconds,
            },
        )
        numbered = (replace(insight, id=f"i{n}") for n, insight in enumerate(insights, 1))
        return Found(tuple(numbered), made)

    def _verdict(self) -> tuple[str, Insight | None]:
        """fault, unknown, chance, season or real; and the statement, if there is something to."""
        if self.faults and additive(self.scene.metric, self.scene.model):
            return "fault", None
        if self.assessed is None:
            return "unknown", None
        estimate = self.assessed.estimate
        if not estimate.certain:
            name = "chance"
        elif estimate.p_value > SURE:
            name = "season"
        else:
            name = "real"
        return name, saying.verdict(self.scene, name, self.assessed, self.way)

    def _causes(self) -> list[Cause]:
        """The largest parts of the change first; each group once."""
        found = [cause for look in self.looked for cause in look.causes]
        if self._verdict()[0] == "real":
            found = [cause for cause in found if cause.part > 0]  # others moved against the whole
        found.sort(key=lambda cause: (-_weight(cause), cause.estimate.p_value))
        return found[:MOST_CAUSES]

    def _ruled_out(self, verdict: str) -> Iterator[RuledOut]:
        scene = self.scene
        if not self.faults:
            yield saying.ruled_out(scene, "data_fault")
        if verdict == "real":
            yield saying.ruled_out(scene, "chance")
            known = self.assessed is not None and self.assessed.known
            yield saying.ruled_out(scene, "season" if known else "season_unknown")
        for look in self.looked:
            yield from _of_look(scene, look)
        if self.missed:
            yield saying.ruled_out(scene, "budget", dimensions=_labels(scene, self.missed))


def _weight(cause: Cause) -> float:
    return abs(cause.part) if cause.part else abs(cause.estimate.effect)


def _of_look(scene: Scene, look: Looked) -> Iterator[RuledOut]:
    named = {cause.group.dimension for cause in look.causes}
    for kind, groups in (("not_confirmed", look.refuted), ("group_season", look.seasonal)):
        for group in groups:
            said = f"{scene.dimension_label(group.dimension)} "
            said += scene.said(group.value, group.dimension)
            yield saying.ruled_out(scene, kind, group=said)
    quiet = [dimension for dimension in look.dimensions if dimension not in named]
    if quiet and look.groups:
        yield saying.ruled_out(scene, "dimension", dimensions=_labels(scene, quiet))


def _labels(scene: Scene, dimensions: Sequence[Dimension]) -> str:
    return ", ".join(dict.fromkeys(scene.dimension_label(d) for d in dimensions))
