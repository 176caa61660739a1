"""What drives a figure and what to do about it: runs the detectors within a budget of time."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assistant.answer import Insight, Recommendation
from assistant.compiler import additive, compile_query
from assistant.draft import Draft
from assistant.insights.base import Detector, Evidence, Scene, rank
from assistant.metric_query import MetricQuery
from assistant.recommendations import recommend
from assistant.services import Services
from catalog.semantic_model import Language
from connectors.errors import BudgetExceeded, RundblickError
from connectors.query import QueryResult

MAX_INSIGHTS = 5
FAULTS = frozenset({"missing_days", "double_load"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Findings:
    """Insights, best first, and recommendations that stand on them."""

    insights: tuple[Insight, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()


def find(
    services: Services, draft: Draft, result: QueryResult, language: Language, role: str | None
) -> Findings:
    """Findings of an answered metric query; none without one or when nothing stands out.

    A detector that fails, or runs out of time, is left out: the figure itself is not in danger.
    """
    if draft.query is None or draft.query.made:
        return Findings()  # a metric of one question is not in the detectors' model
    if result.table.num_rows == 0 or result.missing_silos:
        return Findings()
    runner = _Runner(services, language, role, time.monotonic() + services.insight_seconds)
    model = services.catalog.model
    scene = Scene(draft.query, model, result, language, services.clock, runner.run)
    insights = look(services.detectors, scene)
    return Findings(insights, recommend(insights, scene))


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


@dataclass
class _Runner:
    """Runs varied metric queries through the same door as every question."""

    services: Services
    language: Language
    role: str | None
    until: float

    def run(self, query: MetricQuery) -> Evidence:
        left = self.until - time.monotonic()
        if left <= 0:
            raise BudgetExceeded("the time for insights is used up")
        made = compile_query(query, self.services.catalog.model, self.language)
        result = self.services.federation.run(made.sql, role=self.role, timeout_s=left)
        silos = tuple(dict.fromkeys(f.silo for f in result.receipt.fragments))
        names = tuple(column.name for column in result.columns)
        return Evidence(names, result.rows(), result.sql, silos)
