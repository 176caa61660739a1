"""The ways people take before they buy, and those that lead nowhere."""

import re
from typing import Any

from assistant.answer import Insight
from assistant.charts import VEGA_LITE
from assistant.compiler.blocks import literal
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study
from assistant.insights.people.ways import LOOKBACK, purchases, steps_taken, tables
from assistant.insights.statistics import share_difference, significant
from assistant.periods import add

DAYS = 120
LANDMARK = 14
LONGEST = 4
SHOWN = 10
ARROW = " → "
WAYS = r"(wege?|pfade?|journeys?|customer journey|reisen?|paths?|routes?|ways?)"
QUESTIONS = (
    rf"\b(häufigst\w*|typisch\w*|most (frequent|common)|frequent|typical)\b.*\b{WAYS}\b"
    rf"|\b{WAYS}\b.*\b(bis zum|zum|to|before|until)\b.*\b(kauf|bestellung|purchase|order|buy\w*)\b"
    rf"|\b(übergabe|hand-?over|verlieren wir|lose customers)\b.*\b(zwischen|between)\b"
)


class Detector:
    """Frequent paths of buyers, and which first steps a later purchase goes along with.

    A buyer's path: at most LONGEST steps up to LOOKBACK days before the purchase; consecutive equal
    steps count once. Buyers' paths end early because they bought, so they may not be compared with
    those of others. Compared is what everybody did in the first LANDMARK days, and whether a
    purchase followed in the LOOKBACK days after them (landmark analysis: Anderson, Cain and Gelber
    1983): difference of two shares with Newcombe's interval, corrected for a false discovery rate
    of 5 %.
    """

    kind = "journeys"
    questions = re.compile(QUESTIONS, re.I)

    def report(self, study: Study) -> Report:
        """A row per frequent path of buyers; insights on first steps with more or fewer buyers."""
        steps, bought = steps_taken(study, DAYS), purchases(study, DAYS)
        if not steps or not bought:
            return Report()
        paths = study.select(_paths_sql(steps, bought))
        ways = [(str(way), int(n)) for way, n in paths.rows]
        whole = sum(n for _, n in ways)
        frequent = [(way, n) for way, n in ways if n >= SMALLEST][:SHOWN]
        rows = tuple((way, way.count(ARROW) + 1, n, 100 * n / whole) for way, n in frequent)
        columns = (
            Column("path"), Column("steps", "count"), Column("purchases", "count"),
            Column("purchase_share", "percent"),
        )  # fmt: skip
        found = study.select(_landmark_sql(study, steps, bought))
        starts = [(str(way), int(n), int(buyers)) for way, n, buyers in found.rows]
        everybody = (sum(w[1] for w in starts), sum(w[2] for w in starts))
        compared = [way for way in starts if way[1] >= SMALLEST][:SHOWN]
        insights = _insights(study, compared, everybody, found)
        note = study.say("journey_note", longest=LONGEST, lookback=LOOKBACK, landmark=LANDMARK)
        return Report(tuple(insights), columns, rows, (note,), _chart(study, rows))


def _paths_sql(steps: list[str], bought: list[str]) -> str:
    """Purchases by the path before them; only counts come out."""
    ways = "SELECT CAST(purchase AS VARCHAR) AS way, name, at_moment, 1 AS buyer FROM met"
    return (
        f"{tables(steps, bought)}, {_paths(ways)}"
        " SELECT path, COUNT(*) AS purchases FROM paths GROUP BY path ORDER BY purchases DESC, path"
    )


def _landmark_sql(study: Study, steps: list[str], bought: list[str]) -> str:
    """People and later buyers by what they did in their first days."""
    period = study.days(DAYS)
    latest = add(period.end, "day", -LANDMARK - LOOKBACK)
    return (
        f"{tables(steps, bought)}, began AS (SELECT person, MIN(at_moment) AS first_one"
        f" FROM touches WHERE at_moment >= {literal(period.start)} GROUP BY person"
        f" HAVING MIN(at_moment) < {literal(latest)}),"
        " later AS (SELECT DISTINCT g.person FROM began AS g"
        " JOIN bought AS b ON b.person = g.person"
        f" AND b.bought_at > g.first_one + INTERVAL '{LANDMARK}' DAY"
        f" AND b.bought_at <= g.first_one + INTERVAL '{LANDMARK + LOOKBACK}' DAY),"
        f" {_paths(_EARLY)}"
        " SELECT path, COUNT(*) AS people, SUM(buyer) AS buyers FROM paths GROUP BY path"
        " ORDER BY people DESC, path"
    )


def _paths(ways: str) -> str:
    """WITH tables from steps to paths: the last steps of each way, joined by arrows."""
    return (
        f"ways AS ({ways}), changed AS (SELECT *, LAG(name) OVER (PARTITION BY way ORDER BY"
        " at_moment, name) AS before_it FROM ways),"
        " kept AS (SELECT way, name, buyer, at_moment, ROW_NUMBER() OVER (PARTITION BY way"
        " ORDER BY at_moment DESC, name DESC) AS from_end FROM changed"
        " WHERE before_it IS NULL OR before_it <> name),"
        f" paths AS (SELECT way, MAX(buyer) AS buyer, STRING_AGG(name, '{ARROW}'"
        f" ORDER BY from_end DESC) AS path FROM kept WHERE from_end <= {LONGEST} GROUP BY way)"
    )


_EARLY = (
    "SELECT t.person AS way, t.name, t.at_moment,"
    " CASE WHEN l.person IS NULL THEN 0 ELSE 1 END AS buyer"
    " FROM touches AS t JOIN began AS g ON g.person = t.person AND t.at_moment >= g.first_one"
    f" AND t.at_moment <= g.first_one + INTERVAL '{LANDMARK}' DAY"
    " LEFT JOIN later AS l ON l.person = t.person"
)


def _insights(
    study: Study, ways: list[tuple[str, int, int]], whole: tuple[int, int], found: Aggregates
) -> list[Insight]:
    everybody, all_buyers = whole
    compared = []
    for path, people, buyers in ways:
        rest = everybody - people
        change = share_difference(buyers, people, all_buyers - buyers, rest)
        if rest >= SMALLEST and change is not None:
            compared.append((path, people, buyers, 100 * (all_buyers - buyers) / rest, change))
    kept = significant([change.p_value for *_, change in compared])
    insights = []
    for (way, people, buyers, others, change), certain in zip(compared, kept, strict=True):
        if not certain:
            continue
        share = 100 * buyers / people
        relative = change.relative(others / 100) if others else None
        statement = study.say(
            "journey_more" if change.effect > 0 else "journey_less",
            path=way,
            share=study.value(share, "percent"),
            others=study.value(others, "percent"),
            journeys=study.value(people, "count"),
        )
        insights.append(
            Insight(
                id="", type=Detector.kind, statement=statement, metric="buyer_share",
                segment={"path": way}, value=share, baseline=others,
                effect=relative.effect if relative else None,
                interval=relative.interval if relative else None, n=people, p_value=change.p_value,
                direction="good" if change.effect > 0 else "bad", evidence_sql=(found.sql,),
                silos=found.silos, touchpoint="journey", unit="percent",
            )
        )  # fmt: skip
    return sorted(insights, key=lambda insight: -abs(insight.effect or 0.0))


def _chart(study: Study, rows: tuple[tuple[Any, ...], ...]) -> dict[str, Any] | None:
    """Paths as bars, the most frequent first."""
    if len(rows) < 2:
        return None
    values = [{"path": row[0], "purchases": row[2]} for row in rows]
    paths = [row[0] for row in rows]
    axis = {"labelLimit": 320}
    return {
        "$schema": VEGA_LITE,
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "path", "type": "nominal", "sort": paths, "title": None, "axis": axis},
            "x": {
                "field": "purchases",
                "type": "quantitative",
                "title": study.say("column_purchases"),
            },
        },
    }
