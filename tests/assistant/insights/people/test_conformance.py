"""Every study of people keeps to the same rules, whatever the data."""

import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from assistant.insights.people.base import SMALLEST, people_detectors
from assistant.language import has_text
from catalog.semantic_model import SemanticModel
from tests.assistant.insights.people.world import World, ago

DETECTORS = people_detectors()
each = pytest.mark.parametrize("detector", DETECTORS, ids=lambda one: one.kind)


def filled(people: int = 400, scale: float = 1.0, nulls: bool = False) -> World:
    """A company with something of everything, by chance alone."""
    chance = random.Random(5)
    world = World()
    world.people(people)
    numbers = range(1, people + 1)
    world.add("consents", [(n, None if nulls and n % 3 == 0 else n % 2 == 0) for n in numbers])
    world.add("objections", [(n,) for n in numbers if n % 20 == 0])
    world.add(
        "contacts",
        [
            (
                n,
                name,
                step,
                ago(days),
                None if chance.random() < 0.1 else ago(days),
                chance.random() < 0.2,
            )
            for n in numbers
            for name in ("A", "B")
            if chance.random() < 0.5
            for step, days in ((1, chance.uniform(1, 25)), (2, chance.uniform(1, 25)))
        ],
    )
    world.add(
        "orders",
        [
            (
                None if nulls and n % 7 == 0 else n,
                ago(chance.uniform(0, 80)),
                scale * chance.expovariate(0.01),
                n % 9 == 0,
            )
            for n in numbers
            for _ in range(chance.randint(0, 3))
        ],
    )
    world.add(
        "visits",
        [
            (
                n,
                ago(chance.uniform(0, 110)),
                None if nulls and n % 11 == 0 else chance.choice(("paid", "organic", "mail")),
            )
            for n in numbers
            for _ in range(chance.randint(0, 4))
        ],
    )
    words = ("The parcel arrived late.", "Freundliche Beratung.", "Die Grösse passte nicht.", None)
    world.add(
        "answers",
        [
            (n, (ago(chance.uniform(0, 300))).date(), chance.randint(0, 10), chance.choice(words))
            for n in numbers
        ],
    )
    world.add("costs", [(ago(days).date(), "ads", scale * 50.0) for days in range(80)])
    return world


def rounded(report) -> str:
    """A report as text; sums of doubles differ in their last digits by the order they are taken."""
    return re.sub(r"\d+\.\d{7,}(e-?\d+)?", lambda found: f"{float(found.group()):.6g}", str(report))


@each
def test_the_same_data_give_the_same_report(detector):
    world = filled()
    assert rounded(detector.report(world.study())) == rounded(detector.report(world.study()))


@each
def test_nothing_at_all_is_an_empty_report(detector):
    world = World()
    assert detector.report(world.study()).insights == ()
    bare = replace(world.study(), model=SemanticModel())
    assert detector.report(bare) == type(detector.report(bare))()


@each
def test_fewer_people_than_the_smallest_group_are_never_told_of(detector):
    world = filled(people=SMALLEST - 1)
    assert detector.report(world.study()).insights == ()


@each
@pytest.mark.parametrize("scale", [1e-9, 1e12, -1.0])
def test_tiny_huge_and_negative_amounts_do_no_harm(detector, scale):
    report = detector.report(filled(scale=scale).study())
    for insight in report.insights:
        assert insight.value == insight.value  # no not-a-number


@each
def test_nulls_do_no_harm(detector):
    detector.report(filled(nulls=True).study())


@each
def test_only_aggregates_come_out(detector):
    world = filled()
    study = world.study()
    most = 0
    for sql in _asked(detector, world, study):
        most = max(most, len(world.connection.execute(sql).fetchall()))
    assert most <= 200  # of 400 people and thousands of rows


def _asked(detector, world, study):
    world.asked.clear()
    detector.report(study)
    return list(world.asked)


@each
@pytest.mark.parametrize("language", ["de", "en"])
def test_it_says_what_it_found_with_evidence_in_both_languages(detector, language):
    report = detector.report(filled().study(language))
    assert has_text(f"study.title_{detector.kind}", language)
    for column in report.columns:
        assert has_text(f"study.column_{column.name}", language), column.name
    assert all(len(row) == len(report.columns) for row in report.rows)
    for insight in report.insights:
        assert insight.statement
        assert insight.evidence_sql
        assert insight.silos == ("one",)
        if insight.interval is not None:
            assert insight.interval[0] <= insight.interval[1]


@each
def test_a_period_that_was_asked_for_is_kept(detector):
    from assistant.metric_query import Period

    world = filled()
    none = Period(
        world.study().today + timedelta(days=500), world.study().today + timedelta(days=530)
    )
    report = detector.report(world.study(period=none))
    if detector.kind != "consent_conflict":  # consents are a state, not a period
        assert report.insights == ()
