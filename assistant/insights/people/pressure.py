"""How often people are contacted, who is above the limit, what more contacts do to responses."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scipy import stats

from assistant.answer import Insight
from assistant.compiler.blocks import literal
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study
from assistant.insights.statistics import share_difference, wilson
from assistant.people.facts import Facts, count
from catalog.semantic_model import Dataset

MOST = 8
ALPHA = 0.01
PRESSURE = (
    r"(kontaktdruck|kontaktfrequenz|kontakthäufigkeit|mailfrequenz"
    r"|contact (pressure|frequency)|mail frequency|over-?contacted)"
)
OFTEN = (
    r"(zu (oft|viele|häufig)\w*|too (often|many|much))\b.*"
    r"\b(kontakt\w*|angeschrieben|mails?|contact\w*|e-?mails?)"
)


class Detector:
    """Contacts per person and channel over the limit's days, and responses by number of contacts.

    Whether responses fall as contacts grow is told by the Cochran-Armitage test for a trend in
    proportions (Armitage 1955); its chi-square is that of R's `prop.trend.test`.
    """

    kind = "contact_pressure"
    questions = re.compile(rf"\b{PRESSURE}\b|\b{OFTEN}\b", re.I)

    def report(self, study: Study) -> Report:
        """A row per channel and number of contacts; an insight per channel above its limit."""
        rows: list[tuple[object, ...]] = []
        insights: list[Insight] = []
        for channel in _channels(study.model.datasets.values()):
            found = study.select(_sql(study, channel))
            counts = [(int(n), int(p), int(r or 0)) for n, p, r in found.rows]
            rows += [
                (study.channel(channel), n, people, 100 * back / (n * people))
                for n, people, back in counts
            ]
            insights += _above(study, channel, counts, found)
            insights += _falling(study, channel, counts, found)
        if not rows:
            return Report()
        columns = (
            Column("channel"), Column("contacts", "count"), Column("people", "count"),
            Column("response_rate", "percent"),
        )  # fmt: skip
        return Report(
            tuple(insights), columns, tuple(rows), (study.say("pressure_note", most=MOST),)
        )


def trend_test(hits: Sequence[float], sizes: Sequence[float], scores: Sequence[float]) -> float:
    """P value of the Cochran-Armitage test; 1 where there is nothing to compare."""
    total, hit = sum(sizes), sum(hits)
    if not total or hit in (0, total) or len(set(scores)) < 2:
        return 1.0
    share = hit / total
    middle = sum(n * x for n, x in zip(sizes, scores, strict=True)) / total
    lean = sum((h - n * share) * x for h, n, x in zip(hits, sizes, scores, strict=True))
    spread = sum(n * (x - middle) ** 2 for n, x in zip(sizes, scores, strict=True))
    chi_square = lean**2 / (share * (1 - share) * spread)
    return float(stats.chi2.sf(chi_square, 1))


def _channels(datasets: Iterable[Dataset]) -> list[str]:
    found: dict[str, None] = {}
    for dataset in datasets:
        if dataset.roles.contact:
            found.update(dict.fromkeys(dataset.roles.contact.channels))
    return list(found)


def _sql(study: Study, channel: str) -> str:
    """People and responses by number of contacts in the limit's days; many count as `MOST`."""
    facts = Facts(study.model)
    period = study.days(study.rules.channel(channel).days + 1)
    made, back = [], []
    for dataset in study.model.datasets.values():
        contact = dataset.roles.contact
        if contact is None or channel not in contact.channels:
            continue
        rows = (
            f"({contact.channels[channel]}) AND {contact.time} >= {literal(period.start)}"
            f" AND {contact.time} < {literal(period.end)}"
        )
        made.append(f"COALESCE({facts.sql(count(dataset.name, rows))}, 0)")
        if contact.response:
            answered = f"({rows}) AND ({contact.response})"
            back.append(f"COALESCE({facts.sql(count(dataset.name, answered))}, 0)")
    contacts = " + ".join(made)
    inner = facts.select(
        [f"LEAST({contacts}, {MOST}) AS contacts", f"{' + '.join(back) or '0'} AS responses"],
        [f"{contacts} > 0"],
    )
    return (
        "SELECT contacts, COUNT(*) AS people, SUM(responses) AS responses"
        f" FROM ({inner}) AS each_one GROUP BY contacts ORDER BY contacts"
    )


Counts = Sequence[tuple[int, int, int]]


def _above(study: Study, channel: str, counts: Counts, found: Aggregates) -> Iterator[Insight]:
    """Who had more contacts than the channel's limit allows."""
    rules = study.rules.channel(channel)
    people = sum(people for _, people, _ in counts)
    above = sum(people for contacts, people, _ in counts if contacts > rules.most)
    if above < SMALLEST:
        return
    statement = study.say(
        "pressure_above",
        people=study.value(above, "count"),
        all=study.value(people, "count"),
        share=study.value(100 * above / people, "percent"),
        channel=study.channel(channel),
        most=rules.most,
        days=rules.days,
    )
    yield Insight(
        id="", type=Detector.kind, statement=statement, metric="contacts_above_limit",
        segment={"channel": study.channel(channel)}, value=float(above), baseline=0.0,
        effect=above / people, interval=wilson(above, people), n=people, direction="bad",
        evidence_sql=(found.sql,), silos=found.silos, touchpoint="campaign", unit="count",
    )  # fmt: skip


def _falling(study: Study, channel: str, counts: Counts, found: Aggregates) -> Iterator[Insight]:
    """Responses per contact that change as people get more contacts, over large enough groups."""
    counts = [row for row in counts if row[1] >= SMALLEST]
    sizes = [contacts * people for contacts, people, _ in counts]
    hits = [back for *_, back in counts]
    if len(counts) < 2:
        return
    p_value = trend_test(hits, sizes, [contacts for contacts, *_ in counts])
    first, last = (hits[place] / sizes[place] for place in (0, -1))
    if p_value > ALPHA or first == last:
        return
    change = share_difference(hits[-1], sizes[-1], hits[0], sizes[0])
    relative = change.relative(first) if change and first else None
    statement = study.say(
        "pressure_falling" if last < first else "pressure_rising",
        channel=study.channel(channel),
        few=study.value(100 * first, "percent"),
        many=study.value(100 * last, "percent"),
        least=counts[0][0],
        most=counts[-1][0],
    )
    yield Insight(
        id="", type=Detector.kind, statement=statement, metric="response_rate",
        segment={"channel": study.channel(channel), "contacts": counts[-1][0]}, value=100 * last,
        baseline=100 * first, effect=relative.effect if relative else None,
        interval=relative.interval if relative else None,
        n=sum(sizes), p_value=p_value, direction="bad" if last < first else "good",
        evidence_sql=(found.sql,), silos=found.silos, touchpoint="campaign", unit="percent",
    )  # fmt: skip
