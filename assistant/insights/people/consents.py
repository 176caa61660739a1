"""People whose consent is given in one silo and withdrawn or refused in another."""

import re

from assistant.answer import Insight
from assistant.compiler.blocks import quoted
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study
from assistant.insights.statistics import wilson
from assistant.people.facts import Facts, has
from catalog.semantic_model import Dataset

CONSENT = r"(einwilligung\w*|zustimmung\w*|opt[- ]?ins?|consents?)"
CONFLICT = (
    r"(widerspr\w+|widersprech\w+|konflikt\w*|uneinig\w*|conflict\w*|contradict\w*|disagree\w*)"
)


class Detector:
    """Consents that contradict each other, by channel and pair of silos.

    For every channel, each dataset that can permit is held against each that forbids the same
    person. The share among people with a consent has a Wilson interval (Wilson 1927, by
    `statistics.wilson`). The rule for use is the guard's: the most restrictive silo wins.
    """

    kind = "consent_conflict"
    questions = re.compile(rf"\b{CONFLICT}\b.*\b{CONSENT}\b|\b{CONSENT}\b.*\b{CONFLICT}\b", re.I)

    def report(self, study: Study) -> Report:
        """A row per channel and pair of datasets; an insight where it concerns enough people."""
        pairs = [
            (channel, one, other)
            for one in study.model.datasets.values()
            for channel, consent in one.roles.consent.items()
            if consent.permits
            for other in study.model.datasets.values()
            if other.name != one.name and channel in other.roles.consent
        ]
        if not pairs:
            return Report()
        facts = Facts(study.model)
        outputs = []
        for place, (channel, one, other) in enumerate(pairs):
            yes, no = _given(facts, one, channel), _denied(facts, other, channel)
            outputs += [
                f"COUNT(CASE WHEN {yes} THEN 1 END) AS {quoted(f'given_{place}')}",
                f"COUNT(CASE WHEN {yes} AND {no} THEN 1 END) AS {quoted(f'both_{place}')}",
            ]
        found = study.select(facts.select(outputs))
        counts = [int(cell) for cell in found.rows[0]]
        rows, insights = [], []
        for (channel, one, other), given, both in zip(
            pairs, counts[::2], counts[1::2], strict=True
        ):
            rows.append((study.channel(channel), study.label(one), study.label(other), both, given))
            if both >= SMALLEST:
                insights.append(_insight(study, (channel, one, other), given, both, found))
        insights.sort(key=lambda insight: -(insight.value or 0.0))
        columns = ("channel", "permits", "forbids", "people", "consenting")
        units = (None, None, None, "count", "count")
        return Report(
            tuple(insights),
            tuple(Column(name, unit) for name, unit in zip(columns, units, strict=True)),
            tuple(sorted(rows, key=lambda row: -row[3])),
            (study.say("consent_rule"),),
        )


def _given(facts: Facts, dataset: Dataset, channel: str) -> str:
    consent = dataset.roles.consent[channel]
    return f"NOT {facts.sql(has(dataset.name, f'({consent.rows}) AND {consent.given}'))} IS NULL"


def _denied(facts: Facts, dataset: Dataset, channel: str) -> str:
    consent = dataset.roles.consent[channel]
    no = f"({consent.rows}) AND NOT COALESCE({consent.given}, FALSE)"
    return f"NOT {facts.sql(has(dataset.name, no))} IS NULL"


def _insight(
    study: Study,
    pair: tuple[str, Dataset, Dataset],
    given: int,
    both: int,
    found: Aggregates,
) -> Insight:
    channel, one, other = pair
    statement = study.say(
        "consent_conflict",
        people=study.value(both, "count"),
        channel=study.channel(channel),
        permits=study.label(one),
        forbids=study.label(other),
        share=study.value(100 * both / given, "percent"),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric="consent_conflicts",
        segment={"channel": study.channel(channel), "forbids": study.label(other)},
        value=float(both),
        baseline=0.0,
        effect=both / given,
        interval=wilson(both, given),
        n=given,
        direction="bad",
        evidence_sql=(found.sql,),
        silos=found.silos,
        touchpoint="consent",
        unit="count",
    )
