"""Asks companies about every figure and scores the findings; no model judges anything."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.compiler import compile_query
from assistant.evaluation.companies.model import FIGURES, MODEL, TODAY
from assistant.evaluation.companies.plan import Effect, Plan, make_plan
from assistant.evaluation.companies.rows import Company, make_company
from assistant.evaluation.companies.silos import silos_of
from assistant.evaluation.companies.truth import POWER, Judged, judge, power
from assistant.findings import look
from assistant.insights.base import Detector, Evidence, Scene
from assistant.metric_query import MetricQuery
from connectors.clock import Clock
from connectors.query import QueryResult

RunSql = Callable[[str], QueryResult]
FIRST_SEED = 10_000


@dataclass(frozen=True)
class Planted:
    """An effect, the power there was to see it, and whether an insight said it."""

    effect: Effect
    power: float
    found: bool


@dataclass(frozen=True)
class Scored:
    """One company's findings against its plan.

    Attributes:
        insights: Judged insights by the asked metric.
        queries: Evidence queries of all its questions.
    """

    plan: Plan
    planted: tuple[Planted, ...]
    insights: tuple[tuple[str, Judged], ...]
    queries: int
    seconds: float


def score_companies(
    detectors: Sequence[Detector], seeds: Iterable[int], *, empty: bool = False
) -> Iterable[Scored]:
    """Score companies one after another, each in three SQLite files that are gone afterwards."""
    for seed in seeds:
        company = make_company(make_plan(seed, empty=empty))
        with (
            tempfile.TemporaryDirectory() as folder,
            silos_of(company, Path(folder)) as federation,
        ):
            yield score(company, detectors, federation.run)


def score(company: Company, detectors: Sequence[Detector], run: RunSql) -> Scored:
    """Ask about every figure in the company's period.

    Raises:
        RundblickError: A query failed.
    """
    began, queries = time.monotonic(), 0
    found: list[tuple[str, Judged]] = []
    for metric in FIGURES:
        scene = _scene(MetricQuery((metric,), period=company.plan.period), run)
        found += ((metric, judge(company, metric, i)) for i in look(detectors, scene))
        queries += len(scene.asked)
    planted = tuple(
        Planted(effect, power(company, effect), _said(effect, found))
        for effect in company.plan.effects
    )
    return Scored(company.plan, planted, tuple(found), queries, time.monotonic() - began)


def _scene(query: MetricQuery, run: RunSql) -> Scene:
    def evidence(asked: MetricQuery) -> Evidence:
        result = run(compile_query(asked, MODEL, "en").sql)
        silos = tuple(dict.fromkeys(f.silo for f in result.receipt.fragments))
        names = tuple(column.name for column in result.columns)
        return Evidence(names, result.rows(), result.sql, silos)

    result = run(compile_query(query, MODEL, "en").sql)
    return Scene(query, MODEL, result, "en", Clock(TODAY), evidence)


def _said(effect: Effect, found: Iterable[tuple[str, Judged]]) -> bool:
    """True when an insight about the effect's metric and group says it."""
    segment = None if effect.segment is None else dict([effect.segment])
    return any(
        metric == effect.metric and judged.right and (judged.insight.segment or None) == segment
        for metric, judged in found
    )


@dataclass(frozen=True)
class Share:
    """So many of so many; None when there were none."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """0 to 1."""
        return self.hits / self.of if self.of else None


@dataclass(frozen=True)
class Report:
    """The scores over all companies.

    Attributes:
        recall: Of effects with a power of 0.8 or more, those that were said.
        precision: Of all insights, those that say what was planted.
        direction: Of insights that are right about whom, those with the right sign.
        coverage: Of right insights with an interval, those whose interval holds the truth.
        size: Median of the relative error of right insights' effects; None without any.
        told: Of companies with nothing planted, those that gave any insight.
        decoys: Wrong insights by the decoy they fell for.
    """

    companies: int
    effects: int
    recall: Share
    precision: Share
    direction: Share
    coverage: Share
    size: float | None
    told: Share
    decoys: dict[str, int]
    recall_by_kind: dict[str, Share]
    precision_by_type: dict[str, Share]
    queries: float
    seconds: float


def summarise_companies(scored: Sequence[Scored], empty: Sequence[Scored]) -> Report:
    """The scores of companies with effects, and of companies without."""
    judged = [j for company in scored for _, j in company.insights]
    strong = [p for company in scored for p in company.planted if p.power >= POWER]
    right = [j for j in judged if j.right]
    intervals = [j.covered for j in right if j.covered is not None]
    questions = len(FIGURES) * max(1, len(scored) + len(empty))
    everyone = [*scored, *empty]
    return Report(
        companies=len(scored),
        effects=sum(len(company.planted) for company in scored),
        recall=_share(p.found for p in strong),
        precision=_share(j.right for j in judged),
        direction=_share(j.direction for j in judged if j.direction is not None),
        coverage=_share(bool(held) for held in intervals),
        size=_middle([_off(j) for j in right if j.truth]),
        told=_share(bool(company.insights) for company in empty),
        decoys=_counts(j.decoy for j in judged if not j.right and j.decoy),
        recall_by_kind={
            k: _share(p.found for p in strong if _kind(p.effect) == k)
            for k in sorted({_kind(p.effect) for p in strong})
        },
        precision_by_type={
            t: _share(j.right for j in judged if j.insight.type == t)
            for t in sorted({j.insight.type for j in judged})
        },
        queries=sum(c.queries for c in everyone) / questions,
        seconds=sum(c.seconds for c in everyone) / questions,
    )


def _kind(effect: Effect) -> str:
    return f"{effect.metric} {effect.kind} of {'a group' if effect.segment else 'the whole'}"


def _off(judged: Judged) -> float:
    return abs((judged.insight.effect or 0.0) / (judged.truth or 1.0) - 1)


def _middle(values: list[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def _share(held: Iterable[bool]) -> Share:
    kept = list(held)
    return Share(sum(kept), len(kept))


def _counts(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))
