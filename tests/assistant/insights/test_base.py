"""The registry, the ranking, and evidence that is asked for once."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import Insight
from assistant.insights.base import detectors, rank
from assistant.metric_query import Dimension, MetricQuery, Period
from connectors.errors import BudgetExceeded
from tests.assistant.insights.world import BY_CHANNEL, Q3, World

STRONG = Insight(
    "",
    "segments",
    "",
    "tickets",
    {"kunden.region": "Genf"},
    effect=0.6,
    interval=(0.5, 0.7),
    p_value=1e-9,
)
WEAK = replace(
    STRONG, segment={"kunden.region": "Bern"}, effect=0.1, interval=(0.01, 0.2), p_value=0.04
)


def test_every_file_is_a_detector():
    kinds = [detector.kind for detector in detectors()]
    assert {"trend", "segments", "levels", "drivers", "mix"} <= set(kinds)
    assert len(kinds) == len(set(kinds))


def test_the_strongest_comes_first_and_the_list_is_short():
    many = [replace(WEAK, metric=f"m{n}") for n in range(9)]
    ranked = rank([*many, STRONG], limit=3)
    assert ranked[0] == STRONG
    assert len(ranked) == 3


def test_a_large_but_vague_effect_ranks_behind_a_well_measured_one():
    vague = replace(WEAK, effect=0.65, interval=(0.01, 1.5))
    assert rank([vague, STRONG])[0] == STRONG


def test_an_effect_without_an_interval_counts_half():
    bare = replace(WEAK, effect=0.9, interval=None, p_value=None)
    assert rank([bare, STRONG])[0] == STRONG


def test_a_group_is_told_once_whichever_detector_found_it():
    twice = replace(STRONG, type="drivers", effect=0.2, interval=(0.1, 0.3))
    assert rank([twice, STRONG, WEAK]) == [STRONG, WEAK]


def test_evidence_is_asked_for_once_whatever_the_period_is_called():
    world = World()
    scene = world.scene()
    for label in ("Q3", "drittes Quartal"):
        scene.ask(MetricQuery(("tickets",), period=replace(Q3, label=label)))
    assert world.asked == 1


def test_a_used_up_budget_is_for_the_caller_to_handle():
    def broke(query):
        raise BudgetExceeded("the time for insights is used up")

    scene = replace(World().scene(), run=broke)
    for detector in detectors():
        if detector.kind in ("trend", "segments", "drivers"):
            with pytest.raises(BudgetExceeded):
                detector.detect(scene)


def test_groups_without_a_value_are_left_out_of_evidence():
    world = World()
    evidence = world.run(MetricQuery(("tickets",), (BY_CHANNEL,), period=Q3))
    emptied = replace(evidence, rows=[[1, None], [2, 5]])
    assert emptied.values("tickets") == {(2,): 5.0}


def test_a_value_is_said_by_its_label_and_no_value_as_unknown():
    scene = World().scene()
    assert scene.said(3, BY_CHANNEL) == "Chat"
    assert scene.said(9, BY_CHANNEL) == "9"
    assert scene.said(None, BY_CHANNEL) == "unbekannt"


def test_an_unknown_field_is_a_key_error():
    with pytest.raises(KeyError):
        World().scene().field(Dimension("tickets", "nichts"))


def test_direction_follows_what_is_better():
    scene = World().scene(period=Period(date(2026, 7, 1), date(2026, 8, 1)))
    assert [scene.direction(change) for change in (1, -1, 0)] == ["bad", "good", "neutral"]
