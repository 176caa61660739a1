"""The periods of a question as days, for a model: the same reading as without one."""

from assistant.metric_query import Period
from assistant.periods import parse_period
from catalog.semantic_model import Language
from connectors.clock import Clock

PHRASES = (
    "yesterday", "this week", "last week", "this month", "last month", "this quarter",
    "last quarter", "this year", "last year", "last 7 days", "last 30 days", "last 12 months",
)  # fmt: skip


def period_hints(question: str, clock: Clock, language: Language) -> str:
    """Today, common periods as [from, to), and the question's own where it is understood."""
    day = clock.day()
    lines = [f"Today is {day:%Y-%m-%d} ({day:%A}). Periods, from (included) to (not included):"]
    known = ((phrase, parse_period(phrase, clock, "en")) for phrase in PHRASES)
    spans = [f"{phrase} {_span(match.period)}" for phrase, match in known if match and match.period]
    lines.append("; ".join(spans))
    asked = parse_period(question, clock, language)
    if asked is not None and asked.period is not None and not asked.assumed:
        own = f"The question's own period reads as {_span(asked.period)}"
        before = f", compared with {_span(asked.comparison)}" if asked.comparison else ""
        lines.append(f"{own}{before}.")
    return "\n".join(lines)


def _span(period: Period) -> str:
    return f"{period.start} to {period.end}"
