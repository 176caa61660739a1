"""Journeys as planned and as they went: steps that were not made, steps that came late."""

import re

from assistant.answer import Insight
from assistant.compiler.blocks import Block, over, source
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study, within
from assistant.insights.statistics import Estimate, share_difference, significant
from catalog.semantic_model import Dataset

DAYS = 180
SMALL = 0.05
PLANNED = r"(geplant\w*|plan|soll|planned)"
ACTUAL = r"(tatsächlich\w*|wirklich\w*|ist|actual\w*|real)"
JOURNEY = r"(journeys?|reisen?|strecken?|schritte?|steps?|automation\w*)"
LOSS = (
    r"(abbruch\w*|abbrech\w*|ausgefallen\w*|ausfall\w*|nicht versandt|abweich\w*"
    r"|drop[- ]?off\w*|missed|abandon\w*|deviat\w*)"
)


class Detector:
    """Steps of a journey that are made less often than the other steps of all journeys.

    Each step's share is held against that of all other steps: difference of two shares with
    Newcombe's interval (Newcombe 1998, method 10, by `statistics.share_difference`), corrected for
    a false discovery rate of 5 %. Differences below five points are left out.
    """

    kind = "journey_gap"
    questions = re.compile(
        rf"\b{JOURNEY}\w*.*\b{LOSS}\b|\b{LOSS}\b.*{JOURNEY}"
        rf"|\b{PLANNED}\b.*\b{ACTUAL}\b.*{JOURNEY}|{JOURNEY}.*\b{PLANNED}\b.*\b{ACTUAL}\b",
        re.I,
    )

    def report(self, study: Study) -> Report:
        """A row per step: planned, made, share, mean delay; insights on steps that fail."""
        rows, insights = [], []
        for dataset in study.model.datasets.values():
            contact = dataset.roles.contact
            if contact and contact.planned and contact.place and contact.measure:
                found = study.select(_sql(study, dataset))
                steps = [(str(m), int(p), int(n), int(d), lag) for m, p, n, d, lag in found.rows]
                rows += [
                    (m, p, n, d, 100 * d / n, None if lag is None else float(lag) / 60)
                    for m, p, n, d, lag in steps
                ]
                insights += _gaps(study, [(m, p, n, d) for m, p, n, d, _ in steps], found)
        if not rows:
            return Report()
        columns = (
            Column("journey"), Column("step", "count"), Column("planned", "count"),
            Column("made", "count"), Column("made_share", "percent"),
            Column("delay_hours", "ratio"),
        )  # fmt: skip
        return Report(tuple(insights), columns, tuple(rows), (study.say("planned_note"),))


def _sql(study: Study, dataset: Dataset) -> str:
    """Planned and made contacts by journey and step; no person is in it."""
    contact = dataset.roles.contact
    if contact is None or contact.planned is None:
        raise ValueError(dataset.name)
    past = within(contact.planned, study.days(DAYS))
    block = Block(study.model, dataset.name)
    measure, place, time, planned = (
        study.over(block, str(sql))
        for sql in (contact.measure, contact.place, contact.time, contact.planned)
    )
    where = [over(past, dataset.name)]
    if dataset.always:
        where.append(over(dataset.always, dataset.name))
    late = f"DATE_DIFF('minute', {planned}, {time})"
    return (
        f"SELECT {measure} AS journey, {place} AS step, COUNT(*) AS planned, COUNT({time}) AS made,"
        f" AVG({late}) AS late FROM {source(dataset)}{block.joins()}"
        f" WHERE {' AND '.join(f'({part})' for part in where)} GROUP BY {measure}, {place}"
        f" ORDER BY 1, 2"
    )


Steps = list[tuple[str, int, int, int]]


def _gaps(study: Study, steps: Steps, found: Aggregates) -> list[Insight]:
    """Steps made less often than the others, the worst first."""
    planned, made = sum(step[2] for step in steps), sum(step[3] for step in steps)
    compared = []
    for step in steps:
        rest, done = planned - step[2], made - step[3]
        change = share_difference(step[3], step[2], done, rest) if rest >= SMALLEST else None
        if step[2] >= SMALLEST and change is not None:
            compared.append((step, 100 * done / rest, change))
    kept = significant([change.p_value for *_, change in compared])
    gaps = [
        _insight(study, step, others, change, found)
        for (step, others, change), certain in zip(compared, kept, strict=True)
        if certain and change.effect <= -SMALL
    ]
    return sorted(gaps, key=lambda insight: insight.effect or 0.0)


def _insight(
    study: Study,
    step: tuple[str, int, int, int],
    others: float,
    change: Estimate,
    found: Aggregates,
) -> Insight:
    journey, place, planned, made = step
    relative = change.relative(others / 100)
    statement = study.say(
        "planned_gap",
        journey=journey,
        step=place,
        share=study.value(100 * made / planned, "percent"),
        others=study.value(others, "percent"),
        missed=study.value(planned - made, "count"),
        planned=study.value(planned, "count"),
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="steps_made",
        segment={"step": f"{journey} {place}"}, value=100 * made / planned, baseline=others,
        effect=relative.effect, interval=relative.interval, n=planned, p_value=change.p_value,
        direction="bad", evidence_sql=(found.sql,), silos=found.silos, touchpoint="journey",
        unit="percent",
    )  # fmt: skip
