"""What is true of a claim: the same figure without chance, and the power there was to see it."""

from dataclasses import dataclass, replace
from math import inf, log, sqrt

from scipy import stats

from assistant.answer import Insight
from assistant.evaluation.companies.model import FIGURES, Base, Segment, axes
from assistant.evaluation.companies.plan import Effect, Plan
from assistant.evaluation.companies.rows import Company, Expected, expect
from assistant.insights.spans import Spans, days
from assistant.periods import previous

FAULTS = {"missing_days": "outage", "double_load": "double"}
LEAST = 0.01
LEVEL = 0.05
POWER = 0.8


@dataclass(frozen=True)
class Judged:
    """An insight of a question, judged.

    Attributes:
        right: It says what was planted, of whom, in the right direction.
        direction: Its sign is that of what was planted; None when nothing was, of whom it speaks.
        covered: Its interval holds the truth; None without an interval.
        truth: The effect without chance; None for a fault.
        decoy: The decoy it fell for.
    """

    insight: Insight
    right: bool
    direction: bool | None
    covered: bool | None
    truth: float | None
    decoy: str | None = None


def judge(company: Company, asked: str, insight: Insight) -> Judged:
    """Hold an insight against the truth of the company."""
    base = FIGURES[asked].base
    if insight.type in FAULTS:
        kinds = {d.kind for d in company.plan.decoys if d.base == base}
        right = FAULTS[insight.type] in kinds
        return Judged(insight, right, None, None, None)
    segment = _segment(insight)
    truth = claim(company.expected[base], asked, insight.type, segment, company.plan)
    without = claim(company.unplanted[base], asked, insight.type, segment, company.plan)
    effect = insight.effect or 0.0
    planted = truth - without
    concerned = segment is None or segment in {
        e.segment for e in company.plan.effects if e.base == base
    }
    direction = planted * effect > 0 if concerned and abs(planted) >= LEAST else None
    covered = None
    if insight.interval is not None:
        covered = insight.interval[0] <= truth <= insight.interval[1]
    right = direction is True
    decoy = None if right else _decoy(company.plan, base, segment)
    return Judged(insight, right, direction, covered, truth, decoy)


def _segment(insight: Insight) -> Segment | None:
    if not insight.segment:
        return None
    name, value = next(iter(insight.segment.items()))
    return name, str(value)


def _decoy(plan: Plan, base: Base, segment: Segment | None) -> str | None:
    """The decoy that may have led to a wrong insight."""
    for decoy in plan.decoys:
        whole = decoy.segment is None and decoy.kind != "growth"
        if decoy.base == base and (whole or decoy.segment == segment):
            return decoy.kind
    return None


def claim(made: Expected, metric: str, kind: str, segment: Segment | None, plan: Plan) -> float:
    """The effect a claim of this kind would state without chance."""
    now, before = plan.period, previous(plan.period)
    if kind == "levels":
        whole = made.figure(metric, None, now)
        return made.figure(metric, segment, now) / whole - 1
    if kind in ("segments", "mix"):
        shares = [made.count(segment, p) / made.count(None, p) for p in (now, before)]
        return shares[0] / shares[1] - 1
    figures = [made.figure(metric, segment, period) for period in (now, before)]
    scale = days(now) / days(before) if FIGURES[metric].additive else 1.0
    return figures[0] / (figures[1] * scale) - 1


def compared(plan: Plan) -> Spans:
    """The asked period and the one before."""
    return Spans(plan.period, previous(plan.period), seasonal=True)


def power(company: Company, effect: Effect) -> float:
    """Chance to see the effect in a two-sided test at 5 %, shared over the groups that are tested.

    Changes are compared with the same step a year ago, as season has to be taken out, and scatter
    by whole days as the company has it. A level is compared with all other rows of the period. The
    effect's size is what it adds to all others that were planted.
    """
    made = company.expected[effect.base]
    error = _error(company, made, effect)
    others = tuple(other for other in company.plan.effects if other != effect)
    without = expect(replace(company.plan, effects=others), effect.base)
    size = _size(made, without, effect, company.plan)
    groups = sum(len(values) for values in axes(effect.base).values())
    tests = 1 if effect.segment is None else groups
    limit = float(stats.norm.isf(LEVEL / tests / 2))
    return float(stats.norm.sf(limit - abs(size) / error)) if error else 0.0


def _size(made: Expected, without: Expected, effect: Effect, plan: Plan) -> float:
    """On the scale of `_error`: log of counts and sums, points of means and rates."""
    now, whole = plan.period, effect.segment
    if effect.kind == "change":
        return log(effect.size)
    figures = [side.figure(effect.metric, whole, now) for side in (made, without)]
    return figures[0] - figures[1]


def _error(company: Company, made: Expected, effect: Effect) -> float:
    plan, segment = company.plan, effect.segment
    figure = FIGURES[effect.metric]
    spans = compared(plan)
    counts = [made.count(segment, p) for p in (spans.now, spans.before)]
    if effect.kind != "change":
        return _value_error(made, effect, spans)
    earlier = spans.year_ago()
    counts += [made.count(segment, p) for p in (earlier.now, earlier.before)]
    parts = [(1 + figure.spread**2) / count for count in counts]
    if segment is None and plan.moods:
        lengths = (spans.now, spans.before, earlier.now, earlier.before)
        parts += [1 / (plan.moods * days(period)) for period in lengths]
    return sqrt(sum(parts))


def _value_error(made: Expected, effect: Effect, spans: Spans) -> float:
    figure, segment = FIGURES[effect.metric], effect.segment
    rate = made.figure(effect.metric, segment, spans.now)
    deviation = figure.spread if figure.kind == "mean" else sqrt(rate * (1 - rate))
    n = made.count(segment, spans.now)
    if effect.kind == "level":
        rest = made.count(None, spans.now) - n
        return deviation * sqrt(1 / n + 1 / rest) if rest else inf
    return deviation * sqrt(1 / n + 1 / made.count(segment, spans.before))
