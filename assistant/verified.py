"""Finds a checked question that asks the same, and its SQL for the days meant today.

Two questions ask the same when, without what they say about time and without words that carry no
meaning, they hold the same words in any order and inflection, and the same numbers. Negations and
question words carry meaning. Days in the SQL move with the period: checked on one day for "last
quarter", it is asked on another for that day's last quarter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlglot
from sqlglot import exp

from assistant.metric_query import Period
from assistant.periods import PeriodMatch, parse_period
from assistant.understanding.words import Token, canonical, tokens
from catalog.semantic_model import Language, VerifiedQuestion
from connectors.clock import Clock

DIALECT = "duckdb"
FAR = date(2034, 8, 9)
EMPTY = frozenset(
    re.findall(
        r"\w+",
        """
        der die das den dem des ein eine einen einem einer eines wir uns unser unsere unserer
        unserem unseren haben hatten hat sind ist es gibt gab bitte mir zeig zeige im in am an
        the a an of our we us have had has do did does is are was were there please show me at to
        """,
    )
)


@dataclass(frozen=True)
class Found:
    """A checked question that fits, with its SQL for the days meant.

    Attributes:
        exact: Asked in the same words, but for case and punctuation.
    """

    question: VerifiedQuestion
    sql: str
    exact: bool


def find_verified(
    asked: str, language: Language, questions: Iterable[VerifiedQuestion], clock: Clock
) -> Found | None:
    """The first checked question that asks the same, exact ones first; None when none does."""
    near = [found for q in questions if (found := _fits(asked, language, q, clock)) is not None]
    return min(near, key=lambda found: not found.exact, default=None)


def _fits(asked: str, language: Language, question: VerifiedQuestion, clock: Clock) -> Found | None:
    known = question.question.get(language)
    if known is None:
        return None
    exact = canonical(asked) == canonical(known)
    if not exact and not _same_words(asked, known, language, clock):
        return None
    checked = Clock(question.verified_on) if question.verified_on else clock
    days = _moved(parse_period(known, checked, language), parse_period(asked, clock, language))
    if days is None:
        return None
    moves = any(old != new for old, new in days.items())
    if not moves and question.verified_on:
        return Found(question, question.sql, exact)
    if not question.verified_on and days:
        # Nobody knows which days "last quarter" were when the SQL was checked.
        return Found(question, question.sql, exact) if _is_fixed(known, language) else None
    sql = _with_days(question.sql, days)
    return None if sql is None else Found(question, sql, exact)


def _is_fixed(text: str, language: Language) -> bool:
    """True when a question's period is the same whenever it is asked: "in Q3 2026"."""
    one, other = (parse_period(text, Clock(day), language) for day in (date(2011, 2, 3), FAR))
    return one == other


def _moved(then: PeriodMatch | None, now: PeriodMatch | None) -> Mapping[date, date] | None:
    """Day of then -> day of now; None when the two speak of time in different ways."""
    if then is None or now is None:
        return {} if then is now else None
    if (then.grain, then.shift) != (now.grain, now.shift):
        return None
    days: dict[date, date] = {}
    for old, new in ((then.period, now.period), (then.comparison, now.comparison)):
        if (old is None) is not (new is None):
            return None
        if old is not None and new is not None and not _enter(days, old, new):
            return None
    return days


def _enter(days: dict[date, date], old: Period, new: Period) -> bool:
    """Add both ends; False when one day would have to become two."""
    for one, other in ((old.start, new.start), (old.end, new.end)):
        if days.setdefault(one, other) != other:
            return False
    return True


def _same_words(asked: str, known: str, language: Language, clock: Clock) -> bool:
    """True when each word that carries meaning has its like in the other question."""
    one, other = (_meaning(text, language, clock) for text in (asked, known))
    pairs = ((one, other), (other, one))
    return all(any(word.matches(w) for w in there) for here, there in pairs for word in here)


def _meaning(text: str, language: Language, clock: Clock) -> list[Token]:
    """The words that carry meaning, without those about time."""
    match = parse_period(text, clock, language)
    spans = match.spans if match else ()
    return [
        token
        for token in tokens(text)
        if token.norm not in EMPTY and not any(a <= token.start < b for a, b in spans)
    ]


def _with_days(sql: str, days: Mapping[date, date]) -> str | None:
    """The SQL with its days moved; None when it holds a day that is no end of a period."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    for literal in list(tree.find_all(exp.Literal)):
        day = _day(literal)
        if day is None:
            continue
        if day not in days:
            return None if any(old != new for old, new in days.items()) else sql
        literal.replace(exp.Literal.string(days[day].isoformat()))
    return tree.sql(DIALECT)


def _day(literal: exp.Literal) -> date | None:
    try:
        return date.fromisoformat(literal.this) if literal.is_string else None
    except ValueError:
        return None
