"""How much of the revenue few customers bring: Lorenz shares and the Gini coefficient."""

import re
from dataclasses import dataclass
from math import sqrt

from assistant.answer import Insight
from assistant.insights.people.base import Aggregates, Column, Report, Study, within
from assistant.insights.statistics import Z

DAYS = 365
LEAST = 100
QUESTIONS = (
    r"\b(gini|lorenz|pareto|konzentration|concentration|klumpenrisiko|80[/-]20)\b"
    r"|\b(top|besten|umsatzstärksten|largest|best)\b.*\b(prozent|%|percent)\b.*\b(umsatz\w*|revenue|sales)\b"
    r"|\b(abhängig|depend\w*)\b.*\b(wenigen?|few)\b.*\b(kund\w*|customers?)\b"
)


@dataclass(frozen=True)
class Gini:
    """The coefficient, 0 (all alike) to 1 (one has all), with its 95 % interval."""

    value: float
    interval: tuple[float, float]


class Detector:
    """Revenue by tenth of customers, and the Gini coefficient with its interval.

    Gini from ranked values: 2 Σ i·y / (n Σ y) − (n + 1) / n. Its variance is that of Davidson
    (2009), Reliable inference for the Gini index, Journal of Econometrics 150: the squared spread
    of Z = −(G + 1) y + 2 (w − v), with w = (2i − 1) y / (2n) and v the mean of all values up to y.
    The sums are taken in SQL, so nobody's revenue leaves the engine.
    """

    kind = "concentration"
    questions = re.compile(QUESTIONS, re.I)

    def report(self, study: Study) -> Report:
        """A row per tenth, the strongest first; one insight."""
        parts = [
            study.people_rows(dataset, {"value": role.value}, [within(role.time, study.days(DAYS))])
            for dataset in study.model.datasets.values()
            if (role := dataset.roles.purchase)
        ]
        if not parts:
            return Report()
        sums = study.select(_sums(parts))
        n, total, *moments = (float(cell or 0) for cell in sums.rows[0])
        if n < LEAST or total <= 0:
            return Report()
        tenths = study.select(_tenths(parts))
        shares = [(int(tenth), int(people), float(value)) for tenth, people, value in tenths.rows]
        rows, running = [], 0.0
        for tenth, people, value in shares:
            running += value
            rows.append((tenth, people, value, 100 * value / total, 100 * running / total))
        columns = (
            Column("tenth", "count"), Column("people", "count"),
            Column("revenue", study.rules.currency), Column("share", "percent"),
            Column("running_share", "percent"),
        )  # fmt: skip
        insight = _insight(study, gini(n, total, *moments), rows, int(n), sums)
        return Report((insight,), columns, tuple(rows), (study.say("concentration_note"),))


def gini(
    n: float, total: float, ranked: float, squares: float, b: float, ab: float, b_squares: float
) -> Gini:
    """The coefficient from sums over values y in ascending order, i their rank from 1.

    Args:
        n: How many.
        total: Σ y, above 0.
        ranked: Σ i·y.
        squares: Σ y².
        b: Σ b with b = ((2i − 1) y − 2 Σ of all values up to y) / n.
        ab: Σ y·b.
        b_squares: Σ b².
    """
    value = 2 * ranked / (n * total) - (n + 1) / n
    mean = (-(value + 1) * total + b) / n
    second = ((value + 1) ** 2 * squares - 2 * (value + 1) * ab + b_squares) / n
    error = sqrt(max(0.0, second - mean**2) / n) / (total / n)
    return Gini(value, (max(0.0, value - Z * error), min(1.0, value + Z * error)))


def _each(parts: list[str]) -> str:
    """Revenue by person; those without any are left out."""
    return (
        "SELECT person, CAST(SUM(value) AS DOUBLE) AS y"
        f" FROM ({' UNION ALL '.join(parts)}) AS bought GROUP BY person HAVING SUM(value) > 0"
    )


def _sums(parts: list[str]) -> str:
    return (
        f"WITH each_one AS ({_each(parts)}), ranked AS (SELECT y,"
        " ROW_NUMBER() OVER (ORDER BY y, person) AS i,"
        " SUM(y) OVER (ORDER BY y, person ROWS UNBOUNDED PRECEDING) AS c,"
        " COUNT(*) OVER () AS n FROM each_one),"
        " made AS (SELECT y, i, ((2 * i - 1) * y - 2 * c) / n AS b FROM ranked)"
        " SELECT COUNT(*) AS n, SUM(y) AS total, SUM(i * y) AS ranked, SUM(y * y) AS squares,"
        " SUM(b) AS b, SUM(y * b) AS ab, SUM(b * b) AS b_squares FROM made"
    )


def _tenths(parts: list[str]) -> str:
    return (
        f"WITH each_one AS ({_each(parts)}), placed AS (SELECT y, NTILE(10) OVER"
        " (ORDER BY y DESC, person) AS tenth FROM each_one)"
        " SELECT tenth, COUNT(*) AS people, SUM(y) AS revenue FROM placed"
        " GROUP BY tenth ORDER BY tenth"
    )


def _insight(
    study: Study,
    found: Gini,
    rows: list[tuple[int, int, float, float, float]],
    n: int,
    sums: Aggregates,
) -> Insight:
    first, second = rows[0][4], rows[1][4]
    statement = study.say(
        "concentration",
        first=study.value(first, "percent"),
        second=study.value(second, "percent"),
        gini=study.value(round(found.value, 2)),
        low=study.value(round(found.interval[0], 2)),
        high=study.value(round(found.interval[1], 2)),
        people=study.value(n, "count"),
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="revenue_concentration",
        segment={"people": study.say("top_tenth")}, value=first, baseline=10.0,
        effect=found.value, interval=found.interval, n=n, direction="neutral",
        evidence_sql=(sums.sql,), silos=sums.silos, touchpoint="shop", unit="percent",
    )  # fmt: skip
