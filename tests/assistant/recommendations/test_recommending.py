"""Actions follow from findings; every number in them is the finding's own."""

from dataclasses import replace

import pytest

from assistant.answer import Insight
from assistant.insights.drivers import Detector
from assistant.insights.trend import Detector as Trend
from assistant.recommendations import Situation, recommend
from assistant.recommendations.decisions import Decision, recommendation_id
from assistant.recommendations.saying import untraced
from tests.assistant.insights.test_drivers import chat_grew
from tests.assistant.insights.world import BY_CHANNEL, World

SCENE = World().scene("tickets", BY_CHANNEL)


def within(scene, **more):
    """What a scene's findings are recommended in."""
    return Situation(scene.language, scene.model, scene.query, **more)


HERE = within(SCENE)
BAD = Insight(
    "i1", "drivers", "", "tickets", {"tickets.kanal": 3}, value=260.0, baseline=200.0, effect=0.3,
    interval=(0.1, 0.5), direction="bad", touchpoint="service", unit="count",
)  # fmt: skip
GOOD = replace(BAD, id="i2", segment={"tickets.kanal": 1}, direction="good", effect=-0.3)
EVERYONE = replace(BAD, id="i3", segment=None)


def test_a_bad_finding_leads_to_an_action_for_its_group():
    (action,) = recommend([BAD], HERE)
    assert "Chat (Kanal)" in action.action
    assert "Chat (Kanal)" in action.refuted_if
    assert action.segment == {"tickets.kanal": 3}
    assert action.evidence == ("i1",)
    assert action.touchpoint == "service"
    assert action.cost is None


def test_the_expected_effect_is_the_way_back_to_the_baseline():
    (action,) = recommend([BAD], HERE)
    assert action.expected_effect == {
        "metric": "tickets",
        "value": -60.0,
        "interval": [-100.0, -20.0],
        "unit": "count",
        "people": None,
        "basis": "zurück auf den Vergleichswert, 3. Quartal 2026",
    }


def test_caveats_name_the_interval_and_that_cause_is_not_proven():
    (action,) = recommend([BAD], HERE)
    assert "Ursache nicht bewiesen" in action.caveats[0]
    assert "10,0" in action.caveats[1]
    assert "50,0" in action.caveats[1]


def test_the_interval_of_a_score_is_said_in_points():
    score = replace(
        BAD, metric="score", value=3.0, baseline=4.0, interval=(-0.3, -0.2), unit="points"
    )
    (action,) = recommend([score], within(World().scene("score")))
    assert "-1,2 bis -0,8 Punkte" in action.caveats[1]


def test_a_finding_without_an_interval_says_none():
    (action,) = recommend([replace(BAD, interval=None)], HERE)
    assert len(action.caveats) == 1


@pytest.mark.parametrize(
    "insight",
    [replace(BAD, direction="neutral"), replace(GOOD, effect=-0.04), replace(GOOD, effect=None)],
)
def test_neutral_and_slightly_good_findings_lead_to_nothing(insight):
    assert recommend([insight], HERE) == ()


def test_bad_news_come_before_good_news():
    actions = recommend([GOOD, BAD], HERE)
    assert [action.evidence for action in actions] == [("i1",), ("i2",)]
    assert actions[1].expected_effect is None


def test_one_action_per_group_and_three_at_most():
    groups = [replace(BAD, id=f"i{n}", segment={"tickets.kanal": n % 4}) for n in range(8)]
    actions = recommend(groups, HERE)
    assert [action.evidence for action in actions] == [("i0",), ("i1",), ("i2",)]


def test_everybody_is_addressed_only_when_no_group_is_known():
    assert [a.evidence for a in recommend([EVERYONE, BAD], HERE)] == [("i1",)]
    (action,) = recommend([EVERYONE], HERE)
    assert "der ganzen Kundschaft" in action.action


def test_undoing_a_weight_is_no_aim():
    (action,) = recommend([replace(BAD, type="mix", unit="percent")], HERE)
    assert action.expected_effect is None


def test_all_time_has_a_basis_without_a_period():
    (action,) = recommend([BAD], within(World().scene(period=None)))
    assert action.expected_effect is not None
    assert action.expected_effect["basis"] == "zurück auf den Vergleichswert"


def test_the_rule_fits_what_is_better_for_the_metric():
    lost = replace(BAD, metric="score", direction="bad", value=3.0, baseline=4.0, unit="points")
    (score,) = recommend([lost], HERE)
    (count,) = recommend([BAD], HERE)
    assert "bewertete Fälle" in score.action
    assert "Anliegen" in count.action


def test_a_touchpoint_nobody_knows_gets_the_general_rule():
    (action,) = recommend([replace(BAD, touchpoint="zeppelin")], HERE)
    assert action.action.startswith("Ursache in Chat")


def test_it_is_said_in_the_language_of_the_question():
    (action,) = recommend([BAD], within(replace(SCENE, language="en")))
    assert "chat (channel)" in action.action
    assert "not proven" in action.caveats[0]


def test_numbers_come_from_detectors_end_to_end():
    world = World(daily=chat_grew)
    scene = world.scene("tickets", BY_CHANNEL)
    found = [
        replace(i, id=f"i{n}")
        for n, i in enumerate([*Detector().detect(scene), *Trend().detect(scene)])
    ]
    (action, *_) = recommend(found, within(scene))
    (insight,) = [i for i in found if i.id == action.evidence[0]]
    assert action.expected_effect["value"] == round(insight.baseline - insight.value, 2)


def test_how_to_measure_it_says_how_long_and_how_much():
    (action,) = recommend([BAD], HERE)
    assert action.measurement["design"] == "before_after"
    assert (action.measurement["sample_of"], action.measurement["weeks"]) == ("days", 4)
    assert any("Tage je Gruppe" in line for line in action.details)
    rate = replace(BAD, metric="open_rate", unit="percent", value=30.0, baseline=20.0)
    (action,) = recommend([rate], HERE)
    assert action.measurement["sample_of"] == "people"
    assert (
        action.measurement["sample_size"] == 292
    )  # as R: pwr.2p.test(ES.h(0.3, 0.2), power = 0.8)


def test_every_number_of_a_recommendation_can_be_traced():
    for finding in (BAD, GOOD, EVERYONE, replace(BAD, interval=None, n=None)):
        for action in recommend([finding], HERE):
            assert untraced(action, [finding]) == []
            assert untraced(replace(action, action="um 4711 senken"), [finding]) == ["4711"]


def test_a_decision_is_shown_with_the_same_advice_again():
    (action,) = recommend([BAD], HERE)
    assert action.decision is None
    assert action.id == recommendation_id("answer_beforehand", "tickets", BAD.segment)
    decided = within(SCENE, decisions={action.id: Decision(action.id, "rejected", "zu teuer")})
    (again,) = recommend([replace(BAD, id="i9")], decided)
    assert again.decision["verdict"] == "rejected"
    assert again.basis == "evidence"
