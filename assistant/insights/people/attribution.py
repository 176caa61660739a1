"""Revenue attributed to touchpoints: six ways, after returns, with cost where it is known."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from assistant.answer import Insight
from assistant.compiler.blocks import Block, over, source
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study, within
from assistant.insights.people.ways import LOOKBACK, purchases, steps_taken, tables
from assistant.insights.statistics import Z

DAYS = 90
HALF_LIFE = 7
START, BOUGHT, LOST = "(start)", "(bought)", "(lost)"
MODELS = ("first", "last", "linear", "decay", "position", "markov")
QUESTIONS = (
    r"\b(attribution\w*|attribuier\w*|attribute[ds]?)\b"
    r"|\b(werbefranken|ad franc|werbeeuro)\b.*\b(kanal|kanäle|channels?|retouren|returns?)\b"
    r"|\b(beitrag|anteil|contribution)\b.*\b(touchpoints?|kontaktpunkte?|kanäle|channels?)\b.*\b(umsatz|kauf|revenue|purchase)"
)
Transitions = Mapping[tuple[str, str], int]


class Detector:
    """What each touchpoint had to do with revenue, after returns, in one currency.

    Touches are steps of the model marked `marketing`, one a day and name, up to LOOKBACK days
    before a purchase. Rules: first and last touch; linear, equal parts; decay, halved every
    HALF_LIFE days before the purchase; position, 40 % to the first and to the last, the rest
    between them. Markov: the share of purchases that would be lost without the touchpoint, in a
    chain of first order over buyers and others (Anderl, Becker, von Wangenheim and Schumann 2016).

    No rule shows a cause: people about to buy come by themselves. Purchases without a known touch
    are told apart and attributed to nothing.
    """

    kind = "attribution"
    questions = re.compile(QUESTIONS, re.I)

    def report(self, study: Study) -> Report:
        """A row per touchpoint: revenue by rule, cost and return per unit of cost."""
        touches, bought = steps_taken(study, DAYS, marketing=True), purchases(study, DAYS)
        if not touches or not bought:
            return Report()
        parts = study.select(_sql(touches, bought))
        steps = study.select(_transitions_sql(touches, bought))
        transitions = {(str(a), str(b)): int(n) for a, b, n in steps.rows}
        rules = {str(row[0]): [float(cell or 0) for cell in row[1:]] for row in parts.rows}
        named = {name: sums for name, sums in rules.items() if name != LOST}
        if not named:
            return Report()
        total = sum(sums[2] for sums in named.values())
        removal = markov(transitions)
        costs = _costs(study)
        rows = []
        for name, sums in sorted(named.items(), key=lambda item: -item[1][2]):
            cost = costs.get(name)
            linear = sums[2]
            rows.append(
                (
                    name, *sums[:5], removal.get(name, 0.0) * total, cost,
                    linear / cost if cost else None,
                )
            )  # fmt: skip
        currency = study.rules.currency
        columns = (
            Column("touchpoint"), *(Column(f"rule_{rule}", currency) for rule in MODELS),
            Column("cost", currency), Column("return_per_cost", "ratio"),
        )  # fmt: skip
        insights = _insights(study, named, costs, parts)
        unknown = rules.get(LOST, [0.0] * 7)[2]
        notes = (
            study.say("attribution_rules", lookback=LOOKBACK, half_life=HALF_LIFE),
            study.say(
                "attribution_limits",
                unknown=study.value(100 * unknown / (total + unknown or 1.0), "percent"),
            ),
        )
        return Report(tuple(insights), columns, tuple(rows), notes)


def markov(transitions: Transitions) -> dict[str, float]:
    """Share of each touchpoint by removal effect; they add up to 1.

    `transitions` count steps from START over touchpoints to BOUGHT or LOST. The removal effect is
    the fall of the chance to buy when every step to the touchpoint leads to LOST instead.
    """
    names = sorted({name for pair in transitions for name in pair} - {START, BOUGHT, LOST})
    whole = _chance(transitions, names, None)
    if not whole:
        return dict.fromkeys(names, 0.0)
    effects = {name: max(0.0, 1 - _chance(transitions, names, name) / whole) for name in names}
    total = sum(effects.values())
    return {name: effect / total if total else 0.0 for name, effect in effects.items()}


def _chance(transitions: Transitions, names: Sequence[str], removed: str | None) -> float:
    """The chance to end in BOUGHT from START: x = P x + b, solved."""
    states = [START, *names]
    place = {name: n for n, name in enumerate(states)}
    steps, ends = np.zeros((len(states), len(states))), np.zeros(len(states))
    out: dict[str, int] = {}
    for (one, _), count in transitions.items():
        out[one] = out.get(one, 0) + count
    for (one, other), count in transitions.items():
        if one == removed or other == removed or one not in place:
            continue
        if other == BOUGHT:
            ends[place[one]] += count / out[one]
        elif other in place:
            steps[place[one], place[other]] += count / out[one]
    return float(np.linalg.solve(np.eye(len(states)) - steps, ends)[0])


def _sql(touches: Sequence[str], bought: Sequence[str]) -> str:
    """Revenue by touchpoint and rule, with the squares of the linear parts and the purchases."""
    return (
        f"{tables(touches, bought)}, placed AS (SELECT purchase, value, name,"
        " ROW_NUMBER() OVER (PARTITION BY purchase ORDER BY at_moment, name) AS i,"
        " COUNT(*) OVER (PARTITION BY purchase) AS n,"
        f" POW(0.5, DATE_DIFF('second', at_moment, bought_at) / 86400.0 / {HALF_LIFE}) AS w"
        " FROM met),"
        " weighed AS (SELECT *, SUM(w) OVER (PARTITION BY purchase) AS all_w FROM placed)"
        " SELECT name, SUM(CASE WHEN i = 1 THEN value ELSE 0 END) AS first_one,"
        " SUM(CASE WHEN i = n THEN value ELSE 0 END) AS last_one, SUM(value / n) AS linear,"
        " SUM(value * w / all_w) AS decay,"
        " SUM(value * CASE WHEN n = 1 THEN 1.0 WHEN n = 2 THEN 0.5 WHEN i = 1 OR i = n THEN 0.4"
        " ELSE 0.2 / (n - 2) END) AS position_based, SUM(value / n * value / n) AS squares,"
        " COUNT(DISTINCT purchase) AS purchases"
        " FROM weighed GROUP BY name"
        f" UNION ALL SELECT '{LOST}', 0, 0, SUM(value), 0, 0, 0, COUNT(*) FROM bought"
        " WHERE NOT purchase IN (SELECT purchase FROM met) ORDER BY 1"
    )


def _transitions_sql(touches: Sequence[str], bought: Sequence[str]) -> str:
    """How often one touchpoint follows another, of buyers per purchase and of all others."""
    return (
        f"{tables(touches, bought)}, ways AS (SELECT CONCAT('b', CAST(purchase AS VARCHAR)) AS way,"
        f" name, at_moment, '{BOUGHT}' AS ending FROM met UNION ALL"
        f" SELECT CONCAT('l', person), name, at_moment, '{LOST}' FROM touches"
        " WHERE NOT person IN (SELECT person FROM bought)),"
        " steps AS (SELECT name, ending, LAG(name) OVER (PARTITION BY way ORDER BY at_moment, name)"
        " AS before_it, LEAD(name) OVER (PARTITION BY way ORDER BY at_moment, name) AS after_it"
        " FROM ways)"
        f" SELECT COALESCE(before_it, '{START}') AS one, name AS other, COUNT(*) AS times"
        " FROM steps GROUP BY 1, 2"
        " UNION ALL SELECT name, ending, COUNT(*) FROM steps WHERE after_it IS NULL"
        " GROUP BY name, ending ORDER BY 1, 2"
    )


def _costs(study: Study) -> dict[str, float]:
    """Cost by touchpoint, as far as the model says whose cost it is."""
    found: dict[str, float] = {}
    for dataset in study.model.datasets.values():
        role = dataset.roles.spend
        if role is None:
            continue
        block = Block(study.model, dataset.name)
        name = study.over(block, role.channel)
        where = over(within(role.time, study.days(DAYS)), dataset.name)
        value = over(role.value, dataset.name)
        sql = (
            f"SELECT {name} AS channel, CAST(SUM({value}) AS DOUBLE) AS cost"
            f" FROM {source(dataset)}{block.joins()} WHERE {where} GROUP BY {name} ORDER BY 1"
        )
        for channel, cost in study.select(sql).rows:
            step = role.steps.get(str(channel))
            if step is not None:
                found[step] = found.get(step, 0.0) + float(cost or 0)
    return found


def _insights(
    study: Study,
    named: Mapping[str, Sequence[float]],
    costs: Mapping[str, float],
    found: Aggregates,
) -> list[Insight]:
    """Touchpoints whose return per unit of cost is surely not one, by the linear rule."""
    insights = []
    for name, sums in named.items():
        cost = costs.get(name)
        if not cost or sums[2] <= 0 or sums[6] < SMALLEST:
            continue
        back, error = sums[2] / cost, Z * sums[5] ** 0.5 / cost
        low, high = back - error, back + error
        if low <= 1 <= high:
            continue
        statement = study.say(
            "attribution_low" if back < 1 else "attribution_high",
            touchpoint=name,
            back=study.value(round(back, 2)),
            low=study.value(round(low, 2)),
            high=study.value(round(high, 2)),
        )
        insights.append(
            Insight(
                id="", type=Detector.kind, statement=statement, metric="return_per_cost",
                segment={"touchpoint": name}, value=back, baseline=1.0, effect=back - 1,
                interval=(low - 1, high - 1), n=int(sums[6]),
                direction="bad" if back < 1 else "good",
                evidence_sql=(found.sql,), silos=found.silos, touchpoint="campaign", unit="ratio",
            )
        )  # fmt: skip
    return sorted(insights, key=lambda insight: insight.effect or 0.0)
