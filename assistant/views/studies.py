"""Questions about people that a study answers: attribution, journeys, groups, topics, contacts."""

from collections.abc import Callable
from dataclasses import replace

from assistant.answer import Answer, Insight
from assistant.insights.people.base import (
    Aggregates,
    PeopleDetector,
    Report,
    Study,
    people_detectors,
)
from assistant.narration import MAX_INSIGHTS
from assistant.periods import parse_period
from assistant.recommendations import Situation, recommend
from assistant.recommendations.decisions import Decisions
from assistant.views.base import Asked
from connectors.query import OutputColumn, QueryResult


class View:
    """One view for all studies: the first whose question it is answers."""

    name = "studies"

    def recognises(self, question: str) -> bool:
        """True when a study knows the question."""
        return _detector(question) is not None

    def answer(self, asked: Asked) -> Answer:
        """The study's table, its findings in words, and what to do about them."""
        detector = _detector(asked.question)
        if detector is None:
            raise LookupError(asked.question)
        results: list[QueryResult] = []
        found = detector.report(_study(asked, results))
        insights = tuple(replace(one, id=f"i{n}") for n, one in enumerate(found.insights[:5], 1))
        decisions = Decisions(asked.services.settings.catalog.path).latest()
        situation = Situation(asked.language, asked.model, None, asked.audiences(), decisions)
        return asked.answer(
            detector.kind,
            _said(asked, detector, found, insights),
            [
                OutputColumn(
                    c.name, "VARCHAR" if c.unit is None else "DOUBLE", c.unit, _label(asked, c.name)
                )
                for c in found.columns
            ],
            found.rows,
            results,
            insights=insights,
            recommendations=recommend(insights, situation),
            chart=found.chart,
        )


def _detector(question: str) -> PeopleDetector | None:
    return next((one for one in people_detectors() if one.questions.search(question)), None)


def _study(asked: Asked, results: list[QueryResult]) -> Study:
    services = asked.services
    match = parse_period(asked.question, services.clock, asked.language)
    return Study(
        asked.model,
        asked.language,
        services.clock.day(),
        _select(asked, results),
        services.settings.activation,
        match.period if match else None,
        asked.question,
    )


def _select(asked: Asked, results: list[QueryResult]) -> Callable[[str], Aggregates]:
    def select(sql: str) -> Aggregates:
        result = asked.services.federation.run(sql, role=asked.role)
        results.append(result)
        silos = tuple(dict.fromkeys(fragment.silo for fragment in result.receipt.fragments))
        return Aggregates(result.rows(), result.sql, silos)

    return select


def _label(asked: Asked, name: str) -> str:
    return asked.say(f"study.column_{name}")


def _said(
    asked: Asked, detector: PeopleDetector, found: Report, insights: tuple[Insight, ...]
) -> str:
    """The title, up to three findings, and the notes on method and limits."""
    lines = [f"**{asked.say(f'study.title_{detector.kind}')}**", ""]
    if not found.rows:
        return asked.say("study.nothing_found")
    if insights:
        lines += [f"- {insight.statement}" for insight in insights[:MAX_INSIGHTS]]
    else:
        lines.append(asked.say("study.no_finding"))
    return "\n".join([*lines, "", *(f"*{note}*" for note in found.notes)])
