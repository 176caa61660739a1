"""The mood of a relationship: what people said in scores and complaints, newer words weigh more.

Each judgement lies between −1 and 1. The mood is their mean, each weighted by half for every
HALF_LIFE days of age; an open complaint counts as −1 of today. The trend is the plain mean of
scores of the last HALF_LIFE days less that of the time before. Weighting by recency is what
feedback vendors do for their sentiment score; the half-life is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

HALF_LIFE = 180
CLEAR = 0.25
Level = Literal["good", "neutral", "bad", "unknown"]


@dataclass(frozen=True)
class Judgement:
    """One score as −1 (worst) to 1 (best); `current` ones do not age."""

    day: date
    value: float
    current: bool = False


@dataclass(frozen=True)
class Mood:
    """How the person feels about the company.

    Attributes:
        value: −1 to 1; None when nothing was said.
        trend: Recent mean less earlier mean; None when one of both is missing.
    """

    value: float | None
    trend: float | None
    judgements: int
    complaints: int

    @property
    def level(self) -> Level:
        """In a word: beyond a quarter on either side it is clear."""
        if self.value is None:
            return "unknown"
        if abs(self.value) < CLEAR:
            return "neutral"
        return "good" if self.value > 0 else "bad"


def mood(judgements: Sequence[Judgement], today: date) -> Mood:
    """The mood of one relationship as of `today`; later judgements are left out."""
    past = [one for one in judgements if one.day <= today]
    complaints = sum(one.current for one in past)
    if not past:
        return Mood(None, None, 0, 0)
    weights = [1.0 if one.current else 0.5 ** (_age(one, today) / HALF_LIFE) for one in past]
    value = sum(w * one.value for w, one in zip(weights, past, strict=True)) / sum(weights)
    scores = [one for one in past if not one.current]
    recent = [one.value for one in scores if _age(one, today) <= HALF_LIFE]
    before = [one.value for one in scores if _age(one, today) > HALF_LIFE]
    trend = _mean(recent) - _mean(before) if recent and before else None
    return Mood(value, trend, len(past) - complaints, complaints)


def _age(one: Judgement, today: date) -> int:
    return (today - one.day).days


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
