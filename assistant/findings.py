"""What drives a figure and what to do about it: runs the detectors within a budget of time."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assistant.answer import Insight, Investigation, Recommendation
from assistant.compiler import additive, compile_query
from assistant.draft import Draft
from assistant.insights.base import Detector, Scene, rank
from assistant.investigation.budget import Budget, Limits, counted
from assistant.investigation.investigator import investigate
from assistant.language import text
from assistant.metric_query import MetricQuery
from assistant.people.audiences import Audiences
from assistant.recommendations import Situation, recommend
from assistant.recommendations.decisions import Decisions
from assistant.services import Services
from assistant.understanding.why import Why
from catalog.semantic_model import Language
from connectors.errors import RundblickError
from connectors.query import QueryResult

MAX_INSIGHTS = 5
FAULTS = frozenset({"missing_days", "double_load"})
HINTS = frozenset({"drivers", "segments", "mix"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Findings:
    """Insights, best first, recommendations that stand on them, and how causes were looked for."""

    insights: tuple[Insight, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    investigation: Investigation | None = None


def find(
    services: Services,
    draft: Draft,
    result: QueryResult,
    language: Language,
    role: str | None,
    why: Why | None = None,
) -> Findings:
    """Findings of an answered metric query; none without one or when nothing stands out.

    A figure that moved, and one that is asked why, is investigated. A detector that fails, or runs
    out of time, is left out: the figure itself is not in danger.
    """
    if draft.query is None or not _varied(draft.query):
        return Findings()
    if result.table.num_rows == 0 or result.missing_silos:
        return Findings()
    budget = Budget(replace(Limits(), seconds=min(Limits().seconds, services.insight_seconds)))
    run = counted(_Runner(services, language, role).run, budget)
    model = services.catalog.model
    scene = Scene(draft.query, model, result, language, services.clock, run)
    found = _found(scene, budget, why, services.detectors)
    audiences = Audiences(services.settings, model, services.federation, services.clock, role)
    decisions = Decisions(services.settings.catalog.path).latest()
    situation = Situation(language, model, draft.query, audiences, decisions)
    return replace(found, recommendations=recommend(found.insights, situation))


def _found(
    scene: Scene, budget: Budget, why: Why | None, detectors: Sequence[Detector]
) -> Findings:
    """Insights and how causes were looked for; what to do about them is added later."""
    if why is not None:
        return _asked_why(scene, budget, why, detectors)
    insights = look(detectors, scene)
    if not any(insight.type == "trend" for insight in insights):
        return Findings(insights)
    return _explained(scene, budget, insights)


def _asked_why(scene: Scene, budget: Budget, why: Why, detectors: Sequence[Detector]) -> Findings:
    """Why the figure moved: confirmed causes, then groups the whole data alone points to."""
    found = _investigated(scene, budget, why)
    if found.investigation is None or found.investigation.verdict == "fault":
        return found
    told = {str(insight.segment) for insight in found.insights}
    hints = [
        replace(insight, statement=f"{insight.statement} {text('why.hint', scene.language)}")
        for insight in look([d for d in detectors if d.kind in HINTS], scene)
        if str(insight.segment) not in told
    ]
    both = [*found.insights, *hints][:MAX_INSIGHTS]
    numbered = tuple(replace(insight, id=f"i{n}") for n, insight in enumerate(both, 1))
    return replace(found, insights=numbered)


def _investigated(scene: Scene, budget: Budget, why: Why) -> Findings:
    """Why the figure moved, and nothing else."""
    try:
        found = investigate(scene, budget, why.way)
    except RundblickError as error:
        _log.info("investigation: %s", error)
        return Findings()
    if found is None:
        return Findings()
    return Findings(found.insights, investigation=found.investigation)


def _explained(scene: Scene, budget: Budget, insights: tuple[Insight, ...]) -> Findings:
    """The insights of a figure that moved, with causes that they do not tell already."""
    found = _investigated(scene, budget, Why("", None))
    told = {str(insight.segment) for insight in insights}
    causes = (i for i in found.insights if i.type == "cause" and str(i.segment) not in told)
    both = [*insights, *causes][:MAX_INSIGHTS]
    numbered = tuple(replace(insight, id=f"i{n}") for n, insight in enumerate(both, 1))
    return Findings(numbered, investigation=found.investigation)


def _varied(query: MetricQuery) -> bool:
    """True when detectors can vary it: a metric of their model, of all customers, no list."""
    own = query.made or query.members or query.parts or query.mean_over
    return bool(query.metrics) and not own


def look(detectors: Sequence[Detector], scene: Scene) -> tuple[Insight, ...]:
    """What all detectors find in a scene, best first, with ids.

    Each detector keeps its own false discovery rate, of 0.5 % over all its tests. Where days are
    missing or were loaded twice, this alone is said of a count or a sum.
    """
    with ThreadPoolExecutor(len(detectors) or 1) as pool:
        each = pool.map(lambda detector: _detected(detector, scene), detectors)
        found = [insight for insights in each for insight in insights]
    faults = [insight for insight in found if insight.type in FAULTS]
    if faults and additive(scene.metric, scene.model):
        found = faults
    best = [*faults, *rank((i for i in found if i not in faults), limit=MAX_INSIGHTS)]
    return tuple(replace(insight, id=f"i{n}") for n, insight in enumerate(best[:MAX_INSIGHTS], 1))


def _detected(detector: Detector, scene: Scene) -> Sequence[Insight]:
    try:
        return detector.detect(scene)
    except RundblickError as error:
        _log.info("detector %s: %s", detector.kind, error)
        return ()


@dataclass(frozen=True)
class _Runner:
    """Runs varied metric queries through the same door as every question."""

    services: Services
    language: Language
    role: str | None

    def run(self, query: MetricQuery, seconds: float) -> QueryResult:
        made = compile_query(query, self.services.catalog.model, self.language)
        return self.services.federation.run(made.sql, role=self.role, timeout_s=seconds)
