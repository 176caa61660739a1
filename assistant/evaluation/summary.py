"""What a run comes to: shares, times, agreement, risk by coverage, calibration."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.evaluation.running import Result, Run
from assistant.evaluation.scoring import OUTCOMES, Outcome

BUCKETS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
GROUPS: dict[str, Callable[[Result], str]] = {
    "language": lambda result: result.language,
    "split": lambda result: result.split or "–",
    "expected": lambda result: result.expected,
    "kind": lambda result: result.kind or "–",
    "silos": lambda result: str(result.silos) if result.silos else "–",
}


@dataclass(frozen=True)
class Totals:
    """Counts of one group of results.

    Attributes:
        p50: Median milliseconds of an answer; `p95` those of the slowest of 19 in 20.
        translate: Median milliseconds of the translation alone; `run` those of the databases.
        cost: Of the chat model; None when no price is set.
    """

    name: str
    count: int
    outcomes: dict[Outcome, int]
    p50: float
    p95: float
    translate: float
    run: float
    bytes: int
    calls: int
    tokens: int
    cost: float | None

    def share(self, outcome: Outcome) -> float:
        """Share of an outcome, 0 to 1; 0 of nothing."""
        return self.outcomes[outcome] / max(1, self.count)


@dataclass(frozen=True)
class Bucket:
    """Answers whose confidence is in [low, high); the last bucket holds 1.0 alone."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Point:
    """Answering only from `threshold` on: which share is answered, which of these is wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True)
class Summary:
    """A run in figures.

    Attributes:
        groups: Totals by group's name (language, split, expected, kind, silos).
        agreement: Share of questions with the same answer in both languages; None without any.
        pairs: Number of questions asked in both.
        calibration_error: Mean distance of confidence and right share; None without answers.
        separation: Chance that a right answer has the higher confidence than a wrong one, ties
            half (AUC); None when all answers are right, or none is.
        misses: Results that are not right.
    """

    total: Totals
    groups: dict[str, tuple[Totals, ...]]
    agreement: float | None
    pairs: int
    disagreeing: tuple[str, ...]
    curve: tuple[Point, ...]
    calibration: tuple[Bucket, ...]
    calibration_error: float | None
    separation: float | None
    misses: tuple[Result, ...]


def summarise(run: Run) -> Summary:
    """The figures of a run with at least one result."""
    buckets = calibration(run.results)
    pairs = len(run.agrees)
    return Summary(
        total=totals("all", run.results),
        groups={name: _grouped(run.results, key) for name, key in GROUPS.items()},
        agreement=sum(run.agrees.values()) / pairs if pairs else None,
        pairs=pairs,
        disagreeing=tuple(name for name, agrees in run.agrees.items() if not agrees),
        curve=risk_by_coverage(run.results),
        calibration=buckets,
        calibration_error=_calibration_error(buckets),
        separation=separation(_sure(run.results)),
        misses=tuple(result for result in run.results if result.outcome != "right"),
    )


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    places = (place for place in range(len(ordered)) if (place + 1) / len(ordered) >= share)
    return ordered[next(places)]


def totals(name: str, results: Sequence[Result]) -> Totals:
    """Counts of some results."""
    priced = [result.cost for result in results if result.cost is not None]
    return Totals(
        name=name,
        count=len(results),
        outcomes={kind: sum(r.outcome == kind for r in results) for kind in OUTCOMES},
        p50=percentile((result.ms for result in results), 0.5),
        p95=percentile((result.ms for result in results), 0.95),
        translate=_step(results, "translate"),
        run=_step(results, "run"),
        bytes=sum(result.bytes for result in results),
        calls=sum(result.calls for result in results),
        tokens=sum(result.prompt_tokens + result.completion_tokens for result in results),
        cost=sum(priced) if priced else None,
    )


def _step(results: Sequence[Result], name: str) -> float:
    return percentile((r.steps[name] for r in results if name in r.steps), 0.5)


def _grouped(results: Sequence[Result], key: Callable[[Result], str]) -> tuple[Totals, ...]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return tuple(totals(name, groups[name]) for name in sorted(groups))


def _sure(results: Sequence[Result]) -> list[tuple[float, bool]]:
    """Confidence of each answer that has one, and whether it is right."""
    return [
        (result.confidence, result.outcome == "right")
        for result in results
        if result.answered and result.confidence is not None
    ]


def risk_by_coverage(results: Sequence[Result]) -> tuple[Point, ...]:
    """One point per confidence that occurs, from the surest answers to all of them.

    Coverage is of all results, so what was refused is not covered.
    """
    sure = _sure(results)
    points = []
    for threshold in sorted({value for value, _ in sure}, reverse=True):
        kept = [right for value, right in sure if value >= threshold]
        risk = sum(not right for right in kept) / len(kept)
        points.append(Point(threshold, len(kept) / len(results), risk))
    return tuple(points)


def separation(sure: Sequence[tuple[float, bool]]) -> float | None:
    """Chance that a right answer has the higher confidence than a wrong one (AUC), ties half."""
    right = [value for value, good in sure if good]
    wrong = [value for value, good in sure if not good]
    if not right or not wrong:
        return None
    higher = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return higher / (len(right) * len(wrong))


def calibration(results: Sequence[Result]) -> tuple[Bucket, ...]:
    """Buckets of confidence that hold answers, lowest first."""
    highs = (*BUCKETS[1:], float("inf"))
    buckets = []
    for low, high in zip(BUCKETS, highs, strict=True):
        inside = [(value, right) for value, right in _sure(results) if low <= value < high]
        if inside:
            mean = sum(value for value, _ in inside) / len(inside)
            right = sum(right for _, right in inside) / len(inside)
            buckets.append(Bucket(low, min(high, 1.0), len(inside), mean, right))
    return tuple(buckets)


def _calibration_error(buckets: Sequence[Bucket]) -> float | None:
    count = sum(bucket.count for bucket in buckets)
    if not count:
        return None
    return sum(b.count * abs(b.confidence - b.right) for b in buckets) / count
