"""Comments in two languages: sentiment on labelled sentences, topics, and their weight on the NPS."""

import pytest

from assistant.insights.people.topics import Detector, Sums, weight
from tests.assistant.insights.people.world import World, ago

GOOD = """
Alles bestens, gerne wieder.|Freundliche Beratung.|Schnell und einfach bestellt.|Sehr zufrieden mit der Jacke.
Super Service, danke!|Die Qualität ist hervorragend.|Nicht schlecht, komme wieder.|Tolle Auswahl und kompetentes Personal.
Great service, thank you.|Easy to order and quick.|Love the new jacket.|Excellent quality, would recommend.
Not bad at all.|Very helpful staff.|Happy with my purchase.|The best shoes I ever had.
"""
BAD = """
Das Paket kam zu spät.|Niemand rief zurück.|Die Grösse passte nicht.|Leider war der Schuh defekt.
Unfreundlich und langsam.|Nicht zufrieden mit der Beratung.|Keine gute Erfahrung.|Die Lieferung ging verloren.
The parcel arrived late.|Nobody answered.|The size was wrong.|Terrible experience, never again.
Not happy with the service.|The zip is broken.|I had to wait for an hour.|Poor quality.
"""


def sentences(text: str) -> list[str]:
    return [part.strip() for line in text.strip().splitlines() for part in line.split("|")]


def read(comments: list[str]) -> tuple[int, int]:
    """How many of the comments praise and blame, as the SQL counts them."""
    from assistant.insights.people.topics import _sql

    world = World()
    world.add("answers", [(1, ago(5).date(), 5, comment) for comment in comments])
    study = world.study()
    dataset = study.model.datasets["answers"]
    rows = study.select(_sql(study, dataset, dataset.roles.rating)).rows
    (whole,) = [row for row in rows if row[0] == "all"]
    return whole[5], whole[6]


def test_praise_is_told_from_blame_in_both_languages():
    good, bad = sentences(GOOD), sentences(BAD)
    assert read(good)[0] >= 0.9 * len(good), read(good)
    assert read(good)[1] == 0
    assert read(bad)[1] >= 0.9 * len(bad), read(bad)
    assert read(bad)[0] == 0


@pytest.mark.parametrize(
    ("comment", "praise", "blame"),
    [
        ("gut", 1, 0), ("nicht gut", 0, 1), ("nicht sehr gut", 0, 1), ("nicht schlecht", 1, 0),
        ("good", 1, 0), ("not good", 0, 1), ("never late", 1, 0), ("Die Tür ist blau", 0, 0),
        ("good but late", 0, 0),
    ],
)  # fmt: skip
def test_a_negation_turns_a_word_round(comment, praise, blame):
    assert read([comment]) == (praise, blame)


def test_a_topics_weight_is_the_score_of_all_less_that_without_it():
    # NPS: 60 promoters, 20 detractors of 100 → 40. Of 20 who mention it: 2 and 15 → −65.
    whole = Sums(100, 100 * (60 - 20), 100**2 * 80, 0, 0)
    topic = Sums(20, 100 * (2 - 15), 100**2 * 17, 0, 0)
    effect, (low, high), p_value = weight(topic, whole)
    rest = 100 * (58 - 5) / 80
    assert effect == pytest.approx(40 - rest)
    # Var(NPS) = 100² (p + d − (p − d)²) / n, as published for the Net Promoter Score
    errors = [
        100**2 * (p + d - (p - d) ** 2) / n
        for p, d, n in ((2 / 20, 15 / 20, 20), (58 / 80, 5 / 80, 80))
    ]
    half = 0.2 * 1.959964 * sum(errors) ** 0.5
    assert (high - low) / 2 == pytest.approx(half, rel=1e-5)
    assert p_value < 1e-6


def test_no_weight_without_enough_comments():
    assert weight(Sums(1, 0, 0, 0, 0), Sums(10, 0, 0, 0, 0)) is None
    assert weight(Sums(5, 0, 0, 0, 0), Sums(10, 0, 0, 0, 0)) is None  # no spread at all


def test_a_topic_that_grows_and_weighs_is_found_and_no_comment_comes_out():
    world = World()
    world.people(1)
    rows = [(1, ago(200).date(), 9 + n % 2, "Tolle Jacke") for n in range(200)]
    rows += [(1, ago(200).date(), n % 5, "Paket zu spät") for n in range(20)]
    rows += [(1, ago(20).date(), n % 5, "The parcel arrived late") for n in range(60)]
    rows += [(1, ago(20).date(), 8 + n % 3, "Tolle Jacke") for n in range(60)]
    world.add("answers", rows)
    report = Detector().report(world.study("de"))
    lost = [insight for insight in report.insights if insight.segment == {"topic": "Lieferung"}]
    assert {insight.metric for insight in lost} == {"score", "topic_share"}
    assert {insight.direction for insight in lost} == {"bad"}
    told = str([insight.statement for insight in report.insights]) + str(report.rows)
    assert "Paket" not in told
    assert "parcel" not in told
