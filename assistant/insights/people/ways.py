"""The ways people take: their steps, their purchases, and the steps before each purchase."""

from collections.abc import Sequence

from assistant.insights.people.base import Study, within
from assistant.metric_query import Period
from assistant.periods import add

LOOKBACK = 30


def steps_taken(study: Study, days: int, *, marketing: bool = False) -> list[str]:
    """SELECTs of steps by person, name and moment, once a day and name; of marketing, or all."""
    period = study.days(days)
    wide = Period(add(period.start, "day", -LOOKBACK), period.end)
    parts = []
    for dataset in study.model.datasets.values():
        step = dataset.roles.step
        if step is None or (marketing and not step.marketing):
            continue
        where = [within(step.time, wide), *([step.rows] if step.rows else [])]
        rows = study.people_rows(dataset, {"name": step.name, "at_moment": step.time}, where)
        parts.append(
            "SELECT person, name, CAST(MIN(at_moment) AS TIMESTAMP) AS at_moment"
            f" FROM ({rows}) AS steps GROUP BY person, name, CAST(at_moment AS DATE)"
        )
    return parts


def purchases(study: Study, days: int) -> list[str]:
    """SELECTs of purchases of the period by person: moment, and value after returns."""
    period = study.days(days)
    parts = []
    for dataset in study.model.datasets.values():
        role = dataset.roles.purchase
        if role is None:
            continue
        kept = role.value
        if role.returned:
            kept = f"CASE WHEN {role.returned} THEN 0 ELSE {role.value} END"
        rows = study.people_rows(
            dataset, {"bought_at": role.time, "value": kept}, [within(role.time, period)]
        )
        parts.append(
            "SELECT person, CAST(bought_at AS TIMESTAMP) AS bought_at,"
            f" CAST(value AS DOUBLE) AS value FROM ({rows}) AS orders"
        )
    return parts


def tables(touches: Sequence[str], bought: Sequence[str]) -> str:
    """WITH tables: touches, purchases with a number, and the touches before each (met)."""
    return (
        f"WITH touches AS ({' UNION ALL '.join(touches)}),"
        " bought AS (SELECT person, bought_at, value,"
        " ROW_NUMBER() OVER (ORDER BY person, bought_at, value)"
        f" AS purchase FROM ({' UNION ALL '.join(bought)}) AS orders),"
        " met AS (SELECT b.purchase, b.value, b.bought_at, t.name, t.at_moment"
        " FROM bought AS b JOIN touches AS t ON t.person = b.person AND t.at_moment <= b.bought_at"
        f" AND t.at_moment > b.bought_at - INTERVAL '{LOOKBACK}' DAY)"
    )
