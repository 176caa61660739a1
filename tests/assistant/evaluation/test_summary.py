"""The figures of a run."""

import pytest

from assistant.evaluation.summary import percentile, risk_by_coverage, separation, summarise
from tests.assistant.evaluation.results import result, run

RUN = run(
    result("a", "de", confidence=1.0, ms=100.0),
    result("a", "en", confidence=1.0, ms=200.0),
    result("b", "de", "wrong", confidence=0.75, silos=2, ms=300.0),
    result("b", "en", confidence=0.75, silos=2, ms=400.0),
    result("c", "de", "refused", kind="top", ms=5.0, prompt_tokens=7, calls=1, cost=0.5),
    agrees={"a": True, "b": False},
)


def test_outcomes_are_shares_of_all_questions():
    total = summarise(RUN).total
    assert (total.count, total.share("right"), total.share("wrong")) == (5, 0.6, 0.2)
    assert (total.calls, total.tokens, total.cost, total.bytes) == (1, 7, 0.5, 5_000)


def test_groups_hold_every_question_once():
    groups = summarise(RUN).groups
    assert {one.name: one.count for one in groups["language"]} == {"de": 3, "en": 2}
    assert {one.name: one.count for one in groups["silos"]} == {"1": 3, "2": 2}
    assert {one.name: one.share("refused") for one in groups["kind"]} == {"total": 0.0, "top": 1.0}


def test_languages_agree_where_rows_do():
    summary = summarise(RUN)
    assert (summary.agreement, summary.pairs, summary.disagreeing) == (0.5, 2, ("b",))


def test_risk_grows_with_coverage():
    points = risk_by_coverage(RUN.results)
    assert [(p.threshold, p.coverage, p.risk) for p in points] == [
        (1.0, 0.4, 0.0),
        (0.75, 0.8, 0.25),
    ]


def test_calibration_compares_confidence_with_the_right_share():
    summary = summarise(RUN)
    unsure, sure = summary.calibration
    assert (unsure.low, unsure.count, unsure.confidence, unsure.right) == (0.7, 2, 0.75, 0.5)
    assert (sure.low, sure.count, sure.right) == (1.0, 2, 1.0)
    assert summary.calibration_error == pytest.approx(0.125)


def test_misses_are_all_that_is_not_right():
    assert [miss.key for miss in summarise(RUN).misses] == ["b (de)", "c (de)"]


def test_a_run_without_answers_has_no_curve():
    summary = summarise(run(result(outcome="refused")))
    assert (summary.curve, summary.calibration, summary.calibration_error) == ((), (), None)
    assert summary.agreement is None


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.25, 1)])
def test_a_percentile_is_a_value_that_occurs(share, value):
    assert percentile([4, 2, 3, 1], share) == value


@pytest.mark.parametrize(
    ("sure", "auc"),
    [
        ([(0.9, True), (0.2, False)], 1.0),
        ([(0.2, True), (0.9, False)], 0.0),
        ([(0.5, True), (0.5, False)], 0.5),
        ([(0.5, True)], None),
    ],
)
def test_separation_is_the_chance_that_right_answers_are_surer(sure, auc):
    assert separation(sure) == auc
