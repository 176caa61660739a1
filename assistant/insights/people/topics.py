"""What comments are about and how they sound, in German and English, and what that does to scores.

Everything is matched and counted in SQL where the query runs, and only counts come out: no comment
goes to a model, none is kept and none is shown.
"""

import re
from dataclasses import dataclass
from math import sqrt

from scipy import stats

from assistant.answer import Insight
from assistant.compiler.blocks import literal, over, source
from assistant.insights.people.base import SMALLEST, Aggregates, Column, Report, Study, within
from assistant.insights.people.words import BLAME, PRAISE, TOPICS, mistaken, negated, one_of
from assistant.insights.statistics import Z, share_difference, significant
from assistant.periods import add
from catalog.semantic_model import Dataset
from catalog.semantic_roles import Rating

DAYS, RECENT = 365, 90
EVERYTHING = "all"
MOVED = 0.05
COMMENTS = r"(kommentar\w*|tonalität|stimmung in|freitext\w*|comments?|sentiment|tone)"
QUESTIONS = (
    r"\b(themen?|worum|wor[üu]ber|tonalität|stimmung|topics?|what about|sentiment|tone)\b"
    rf".*\b{COMMENTS}\b"
    rf"|\b{COMMENTS}\b.*\b(themen?|tonalität|stimmung|entwickelt|topics?|sentiment|tone|nps)\b"
)


@dataclass(frozen=True)
class Sums:
    """Of one topic's comments: how many, Σ and Σ² of their scores, how many praise or blame."""

    n: int
    total: float
    squares: float
    praise: int
    blame: int

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.n + other.n, self.total + other.total, self.squares + other.squares,
            self.praise + other.praise, self.blame + other.blame,
        )  # fmt: skip

    def __sub__(self, other: "Sums") -> "Sums":
        """Those of this one that are not in the other."""
        return self + Sums(-other.n, -other.total, -other.squares, -other.praise, -other.blame)

    @property
    def mean(self) -> float:
        """Their mean score."""
        return self.total / self.n

    @property
    def mood(self) -> float:
        """Praise less blame per comment, −1 to 1."""
        return (self.praise - self.blame) / self.n


class Detector:
    """Topics by stems, sentiment by praise, blame and negation; trend and weight on the score.

    A score from 0 to 10 counts as the NPS does: 100 from 9, −100 up to 6 (Reichheld 2003). A
    topic's weight is the score of all less the score without those who mention it, in points; its
    interval that of the difference of two means (Welch), times the share that mentions it. The
    trend compares the topic's share of the last RECENT days with the time before. All are corrected
    for a false discovery rate of 5 %.
    """

    kind = "topic"
    questions = re.compile(QUESTIONS, re.I)

    def report(self, study: Study) -> Report:
        """A row per topic; insights on topics that weigh on the score or grow."""
        rows: list[tuple[object, ...]] = []
        insights: list[Insight] = []
        for dataset in study.model.datasets.values():
            rating = dataset.roles.rating
            if rating is None or rating.comment is None:
                continue
            found = study.select(_sql(study, dataset, rating))
            sums = {
                (str(topic), int(recent)): Sums(
                    int(n), float(t or 0), float(q or 0), int(p or 0), int(b or 0)
                )
                for topic, recent, n, t, q, p, b in found.rows
            }
            topics = _topics(sums)
            whole = topics.pop(EVERYTHING, None)
            if whole is None:
                continue
            rows += [_row(study, name, parts, whole) for name, parts in topics.items()]
            insights += _insights(study, topics, whole, found)
        if not rows:
            return Report()
        rows.sort(key=lambda row: -float(str(row[1])))
        columns = (
            Column("topic"), Column("comments", "count"), Column("share", "percent"),
            Column("share_before", "percent"), Column("mood", "ratio"), Column("weight", "points"),
        )  # fmt: skip
        return Report(tuple(insights), columns, tuple(rows), (study.say("topic_note"),))


Parts = tuple[Sums, Sums]
"""Of the time before and of the recent time."""


def _topics(sums: dict[tuple[str, int], Sums]) -> dict[str, Parts]:
    none = Sums(0, 0.0, 0.0, 0, 0)
    names = dict.fromkeys(name for name, _ in sums)
    parts = {name: (sums.get((name, 0), none), sums.get((name, 1), none)) for name in names}
    return {name: both for name, both in parts.items() if both[0].n + both[1].n >= SMALLEST}


def weight(topic: Sums, whole: Sums) -> tuple[float, tuple[float, float], float] | None:
    """What a topic does to the score: effect in points, 95 % interval, p value; None if too few."""
    rest = whole - topic
    if topic.n < 2 or rest.n < 2:
        return None
    share, gap = topic.n / whole.n, topic.mean - rest.mean
    error = sqrt(sum(max(0.0, s.squares / s.n - s.mean**2) / s.n for s in (topic, rest)))
    if not error:
        return None
    p_value = float(2 * stats.norm.sf(abs(gap) / error))
    return share * gap, (share * (gap - Z * error), share * (gap + Z * error)), p_value


def _sql(study: Study, dataset: Dataset, rating: Rating) -> str:
    """Counts by topic, and whether recent; the comments stay inside."""
    period = study.days(DAYS)
    recent = literal(add(period.end, "day", -RECENT))
    score = over(rating.score, dataset.name)
    if (rating.worst, rating.best) == (0, 10):
        score = f"CASE WHEN {score} >= 9 THEN 100.0 WHEN {score} <= 6 THEN -100.0 ELSE 0.0 END"
    where = [f"({within(rating.time, period)})", f"NOT {rating.comment} IS NULL"]
    conditions = [over(part, dataset.name) for part in (*where, *filter(None, [dataset.always]))]
    comment = over(str(rating.comment), dataset.name)
    said = (
        f"SELECT CAST({score} AS DOUBLE) AS v, LOWER({comment}) AS c,"
        f" CASE WHEN {over(rating.time, dataset.name)} >= {recent} THEN 1 ELSE 0 END AS recent"
        f" FROM {source(dataset)} WHERE {' AND '.join(conditions)} AND NOT {score} IS NULL"
    )
    marks = [f"{_has(one_of(stems))} AS t_{name}" for name, stems in TOPICS.items()]
    good, bad = _has(one_of(PRAISE)), _has(one_of(BLAME))
    not_good = f"({_has(negated(PRAISE))} OR {_has(mistaken(('passt', 'funktionier')))})"
    not_bad = _has(negated(BLAME))
    marks += [
        f"({good} AND NOT {not_good}) OR {not_bad} AS praise",
        f"({bad} AND NOT {not_bad}) OR {not_good} AS blame",
    ]
    counts = (
        "COUNT(*) AS n, SUM(v) AS total, SUM(v * v) AS squares,"
        " COUNT(CASE WHEN praise AND NOT blame THEN 1 END) AS praise,"
        " COUNT(CASE WHEN blame AND NOT praise THEN 1 END) AS blame"
    )
    parts = [
        f"SELECT '{name}' AS topic, recent, {counts} FROM marked WHERE t_{name} GROUP BY recent"
        for name in TOPICS
    ]
    parts.append(f"SELECT '{EVERYTHING}', recent, {counts} FROM marked GROUP BY recent")
    return (
        f"WITH said AS ({said}), marked AS (SELECT v, recent, {', '.join(marks)} FROM said)"
        f" {' UNION ALL '.join(parts)} ORDER BY 1, 2"
    )


def _has(pattern: str) -> str:
    return f"REGEXP_MATCHES(c, {literal(pattern)})"


def _row(study: Study, name: str, parts: Parts, whole: Parts) -> tuple[object, ...]:
    both, all_both = parts[0] + parts[1], whole[0] + whole[1]
    moved = weight(both, all_both)
    return (
        study.say(f"topic_{name}"), both.n, _share(parts[1], whole[1]), _share(parts[0], whole[0]),
        both.mood, moved[0] if moved else None,
    )  # fmt: skip


def _share(part: Sums, whole: Sums) -> float | None:
    return 100 * part.n / whole.n if whole.n else None


def _insights(
    study: Study, topics: dict[str, Parts], whole: Parts, found: Aggregates
) -> list[Insight]:
    """Topics with a weight on the score, then topics whose share grew."""
    made = []
    for name, parts in topics.items():
        moved = weight(parts[0] + parts[1], whole[0] + whole[1])
        if moved is not None:
            made.append((moved[2], _weighs(study, name, parts, whole, found)))
        grown = share_difference(parts[1].n, whole[1].n, parts[0].n, whole[0].n)
        if grown is not None and grown.effect >= MOVED:
            made.append((grown.p_value, _grows(study, name, parts, whole, found)))
    kept = significant([p_value for p_value, _ in made])
    sure = [insight for (_, insight), certain in zip(made, kept, strict=True) if certain]
    return sorted(sure, key=lambda insight: insight.effect or 0.0)


def _weighs(study: Study, name: str, parts: Parts, whole: Parts, found: Aggregates) -> Insight:
    both, all_both = parts[0] + parts[1], whole[0] + whole[1]
    effect, interval, p_value = weight(both, all_both) or (0.0, (0.0, 0.0), 1.0)
    rest = (all_both - both).mean
    relative = (interval[0] / abs(rest), interval[1] / abs(rest)) if rest else None
    statement = study.say(
        "topic_weighs",
        topic=study.say(f"topic_{name}"),
        effect=study.value(effect, "points"),
        low=study.value(interval[0], "points"),
        high=study.value(interval[1], "points"),
        comments=study.value(both.n, "count"),
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="score",
        segment={"topic": study.say(f"topic_{name}")}, value=all_both.mean,
        baseline=rest, effect=effect / abs(rest) if rest else None, interval=relative, n=both.n,
        p_value=p_value, direction="bad" if effect < 0 else "good", evidence_sql=(found.sql,),
        silos=found.silos, touchpoint="survey", unit="points",
    )  # fmt: skip


def _grows(study: Study, name: str, parts: Parts, whole: Parts, found: Aggregates) -> Insight:
    grown = share_difference(parts[1].n, whole[1].n, parts[0].n, whole[0].n)
    now, before = _share(parts[1], whole[1]) or 0.0, _share(parts[0], whole[0]) or 0.0
    relative = grown.relative(before / 100) if grown and before else None
    statement = study.say(
        "topic_grows",
        topic=study.say(f"topic_{name}"),
        now=study.value(now, "percent"),
        before=study.value(before, "percent"),
        days=RECENT,
    )
    return Insight(
        id="", type=Detector.kind, statement=statement, metric="topic_share",
        segment={"topic": study.say(f"topic_{name}")}, value=now, baseline=before,
        effect=relative.effect if relative else None,
        interval=relative.interval if relative else None,
        n=parts[1].n, p_value=grown.p_value if grown else None,
        direction="bad" if parts[1].mood < 0 else "neutral", evidence_sql=(found.sql,),
        silos=found.silos, touchpoint="survey", unit="percent",
    )  # fmt: skip
