"""Customer groups by recency, frequency and money (RFM)."""

import re

from assistant.answer import Insight
from assistant.compiler.blocks import literal
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study, within

DAYS = 730
# Group by fifths of recency and frequency, 5 the best: (least recency, least frequency, most
# recency, most frequency); the first that fits.
GROUPS = {
    "champions": (4, 4, 5, 5),
    "loyal": (3, 3, 5, 5),
    "new": (4, 1, 5, 2),
    "at_risk": (1, 3, 2, 5),
    "asleep": (1, 1, 2, 2),
    "occasional": (3, 1, 3, 2),
}
WORTH_SAVING = "at_risk"


class Detector:
    """Six groups from fifths of recency and frequency, with their people and revenue.

    Fifths are NTILE(5) over days since the last purchase and number of purchases (Hughes 1994,
    Strategic Database Marketing: five equal groups per measure); equal values are told apart by
    the person's id, so that the same data gives the same groups. A description, not a test.
    """

    kind = "rfm"
    questions = re.compile(
        r"\brfm\b|\b(käufergruppen|kundengruppen|kundentypen|kundensegmente)\b.*\b(typisch\w*|verhalten|kauf\w*|bilden|zeige\w*|beschreib\w*)\b"
        r"|\b(typisch\w*|beschreib\w*)\b.*\b(käufergruppen|kundengruppen|kundentypen)\b"
        r"|\b(buyer|customer) (groups|types)\b.*\b(behavio\w*|typical|describe|buy\w*)\b"
        r"|\b(typical|describe)\b.*\b(buyer|customer) (groups|types)\b",
        re.I,
    )

    def report(self, study: Study) -> Report:
        """A row per group, most revenue first; an insight on those about to be lost."""
        period = study.days(DAYS)
        parts = [
            study.people_rows(
                dataset, {"at_moment": role.time, "value": role.value}, [within(role.time, period)]
            )
            for dataset in study.model.datasets.values()
            if (role := dataset.roles.purchase)
        ]
        if not parts:
            return Report()
        found = study.select(_sql(parts, study))
        groups = [
            (str(name), int(people), float(revenue or 0), float(days), float(orders))
            for name, people, revenue, days, orders in found.rows
            if name is not None
        ]
        total, everybody = sum(g[2] for g in groups), sum(g[1] for g in groups)
        rows = tuple(
            (
                study.say(f"rfm_{name}"), people, 100 * people / everybody, revenue,
                100 * revenue / total if total else 0.0, days, orders,
            )
            for name, people, revenue, days, orders in groups
        )  # fmt: skip
        currency = study.rules.currency
        columns = (
            Column("rfm_group"), Column("people", "count"), Column("people_share", "percent"),
            Column("revenue", currency), Column("share", "percent"),
            Column("days_since", "days"), Column("orders_each", "ratio"),
        )  # fmt: skip
        lost = [group for group in groups if group[0] == WORTH_SAVING and group[1] >= SMALLEST]
        insights = tuple(_insight(study, group, everybody, total, found) for group in lost)
        return Report(insights, columns, rows, (study.say("rfm_note"),))


def group_of(recency: int, frequency: int) -> str:
    """The group of fifths 1 to 5, 5 the best."""
    return next(
        name
        for name, (least_r, least_f, most_r, most_f) in GROUPS.items()
        if least_r <= recency <= most_r and least_f <= frequency <= most_f
    )


def _sql(parts: list[str], study: Study) -> str:
    today = literal(study.today)
    cases = " ".join(
        f"WHEN r BETWEEN {low_r} AND {high_r} AND f BETWEEN {low_f} AND {high_f} THEN '{name}'"
        for name, (low_r, low_f, high_r, high_f) in GROUPS.items()
    )
    return (
        "WITH each_one AS (SELECT person, MAX(at_moment) AS last_one, COUNT(*) AS orders,"
        f" CAST(SUM(value) AS DOUBLE) AS revenue FROM ({' UNION ALL '.join(parts)}) AS bought"
        " GROUP BY person),"
        " scored AS (SELECT *, NTILE(5) OVER (ORDER BY last_one, person) AS r,"
        " NTILE(5) OVER (ORDER BY orders, person) AS f FROM each_one)"
        f" SELECT CASE {cases} END AS name, COUNT(*) AS people, SUM(revenue) AS revenue,"
        f" AVG(DATE_DIFF('day', CAST(last_one AS DATE), {today})) AS days, AVG(orders) AS orders"
        " FROM scored GROUP BY 1 ORDER BY revenue DESC NULLS LAST, name"
    )


def _insight(
    study: Study,
    group: tuple[str, int, float, float, float],
    everybody: int,
    total: float,
    found: Aggregates,
) -> Insight:
    name, people, revenue, days, orders = group
    share = 100 * revenue / total if total else 0.0
    statement = study.say(
        "rfm_lost",
        group=study.say(f"rfm_{name}"),
        people=study.value(people, "count"),
        share=study.value(share, "percent"),
        days=study.value(round(days), "count"),
        orders=study.value(round(orders, 1)),
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="revenue",
        segment={"rfm_group": study.say(f"rfm_{name}")}, value=share,
        baseline=100 * people / everybody, effect=None, n=everybody, direction="neutral",
        evidence_sql=(found.sql,), silos=found.silos, touchpoint="shop", unit="percent",
    )  # fmt: skip
