"""Measures that ran on the same people at the same time."""

import re

from scipy import stats

from assistant.answer import Insight
from assistant.compiler.blocks import over, source
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study, within
from assistant.insights.statistics import significant, wilson
from assistant.people.facts import person_dataset

MEASURES = r"(ma(ss|ß)nahmen?|kampagnen?|journeys?|aktionen|measures?|campaigns?)"
TOGETHER = (
    r"(gleichzeitig|zugleich|parallel|überschneid\w*|überlapp\w*"
    r"|same time|at once|overlap\w*|concurrent\w*|simultaneous\w*)"
)
DAYS = 30


class Detector:
    """Pairs of measures that contacted the same people, beyond what chance brings together.

    A measure is what a contact belongs to: a campaign, a journey. For each pair the people both
    contacted are held against those expected if each had chosen among all persons by itself, by the
    hypergeometric distribution (Fisher's exact test, one-sided), corrected over all pairs for a
    false discovery rate of 5 % (Benjamini and Hochberg 1995).
    """

    kind = "concurrent_measures"
    questions = re.compile(rf"\b{MEASURES}\b.*\b{TOGETHER}\b|\b{TOGETHER}\b.*\b{MEASURES}\b", re.I)

    def report(self, study: Study) -> Report:
        """A row per pair; an insight where many people are in both, or more than chance brings."""
        sql = _sql(study)
        if sql is None:
            return Report()
        found = study.select(sql)
        sizes = {str(one): int(n) for one, other, n in found.rows if one == other}
        pairs = [(str(a), str(b), int(n)) for a, b, n in found.rows if a != b]
        everybody = max((int(n) for one, other, n in found.rows if one is None), default=0)
        both = [(a, b, n) for a, b, n in pairs if n >= SMALLEST]
        chances = [surplus(n, sizes[a], sizes[b], everybody) for a, b, n in both]
        kept = significant(chances)
        insights = [
            _insight(study, pair, sizes, everybody, chance, certain, found)
            for pair, chance, certain in zip(both, chances, kept, strict=True)
        ]
        insights.sort(key=lambda insight: -(insight.value or 0.0))
        rows = [(a, b, n, sizes[a], sizes[b]) for a, b, n in pairs if n >= SMALLEST]
        columns = ("measure", "other_measure", "people", "people_first", "people_second")
        units = (None, None, "count", "count", "count")
        return Report(
            tuple(insights),
            tuple(Column(name, unit) for name, unit in zip(columns, units, strict=True)),
            tuple(sorted(rows, key=lambda row: -row[2])),
            (study.say("concurrent_note", least=SMALLEST),),
        )


def surplus(both: int, first: int, second: int, everybody: int) -> float:
    """Chance that so many, or more, are in both when each draws its people independently."""
    return float(stats.hypergeom.sf(both - 1, everybody, first, second))


def _sql(study: Study) -> str | None:
    """People per measure (a pair with itself), per pair, and in all (nulls)."""
    period = study.days(DAYS)
    parts = [
        study.people_rows(dataset, {"measure": contact.measure}, [within(contact.time, period)])
        for dataset in study.model.datasets.values()
        if (contact := dataset.roles.contact) and contact.measure
    ]
    if not parts:
        return None
    each = " UNION ALL ".join(parts)
    once = f"SELECT DISTINCT person, CAST(measure AS VARCHAR) AS measure FROM ({each}) AS contacts"
    person = person_dataset(study.model)
    everybody = source(person)
    if person.always:
        everybody += f" WHERE {over(person.always, person.name)}"
    return (
        f"WITH met AS ({once} WHERE NOT measure IS NULL)"
        " SELECT a.measure AS one, b.measure AS other, COUNT(*) AS people FROM met AS a"
        " JOIN met AS b ON a.person = b.person AND a.measure <= b.measure"
        " GROUP BY a.measure, b.measure"
        " UNION ALL SELECT CAST(NULL AS VARCHAR) AS one, CAST(NULL AS VARCHAR) AS other,"
        f" COUNT(*) AS people FROM {everybody}"
        " ORDER BY 1, 2"
    )


def _insight(
    study: Study,
    pair: tuple[str, str, int],
    sizes: dict[str, int],
    everybody: int,
    chance: float,
    certain: bool,
    found: Aggregates,
) -> Insight:
    one, other, both = pair
    smaller = min(sizes[one], sizes[other])
    expected = sizes[one] * sizes[other] / everybody
    low, high = (bound * smaller / expected - 1 for bound in wilson(both, smaller))
    statement = study.say(
        "concurrent" if certain else "concurrent_chance",
        one=one,
        other=other,
        people=study.value(both, "count"),
        share=study.value(100 * both / smaller, "percent"),
        expected=study.value(round(expected), "count"),
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="people_in_both",
        segment={"measures": f"{one} + {other}"}, value=float(both), baseline=expected,
        effect=both / expected - 1, interval=(low, high), n=smaller, p_value=chance,
        direction="bad" if certain else "neutral", evidence_sql=(found.sql,),
        silos=found.silos, touchpoint="campaign", unit="count",
    )  # fmt: skip
