"""Each fault of a chat model: what the semantic model covers is answered, else the fault is told."""

import pytest

from tests.assistant.model_shop import CATEGORIES, asked_shop, make_shop
from tests.scripted_model import Scripted, draft

COVERED, UNCOVERED = "Wie viele Leute haben wir?", "Wie viele Einhörner grasen auf dem Mond?"
LOOP = [Scripted(tool_calls=(("search_catalog", {"words": str(n)}),)) for n in range(20)]
WRONG = draft(kind="sql", sql="SELECT nothing FROM shop.main.nowhere")
FAULTS = {
    "429": ([Scripted(status=429, headers={"Retry-After": "0"})] * 3, "model_unavailable", 3),
    "500": ([Scripted(status=500)] * 3, "model_unavailable", 3),
    "401": ([Scripted(status=401)], "model_unavailable", 1),
    "timeout": ([Scripted("spät", delay=1.5)] * 3, "model_unavailable", 3),
    "garbage": ([Scripted(garbage=b"data: <html>\n\n")], "model_reply_invalid", 1),
    "cut": ([Scripted("halb", cut=True)], "model_reply_invalid", 1),
    "too long": ([Scripted("lang", finish="length")], "model_reply_invalid", 1),
    "refusal": ([Scripted(refusal="I cannot")], "model_refused", 1),
    "no draft": ([Scripted("Ich denke viele")] * 3, "model_reply_invalid", 3),
    "loop": (LOOP, "model_reply_invalid", 8),
    "stays wrong": ([WRONG] * 3, "model_reply_invalid", 3),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with asked_shop(make_shop(tmp_path_factory.mktemp("shop")), timeout_s=0.5) as shop:
        yield shop


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_semantic_model_covers_is_answered_with_a_warning(shop, fault):
    (answer,) = shop.ask(FAULTS[fault][0], COVERED)
    assert (answer.status, answer.rows) == ("answered", ((len(CATEGORIES) * 3,),))
    assert "Sprachmodell" in answer.warnings[0]
    assert len(shop.endpoint.requests) == FAULTS[fault][2]


@pytest.mark.parametrize("fault", FAULTS)
def test_any_other_question_ends_with_the_fault_itself(shop, fault):
    (answer,) = shop.ask(FAULTS[fault][0], UNCOVERED)
    assert answer.status == "error"
    assert answer.error is not None
    assert answer.error.code == FAULTS[fault][1]
    assert answer.rows == ()


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ([draft(kind="sql", sql="SELECT COUNT(*) AS n FROM shop.main.people")], 1),
        ([WRONG, draft(kind="sql", sql="SELECT COUNT(*) AS n FROM shop.main.people")], 2),
        ([WRONG, WRONG, draft(kind="sql", sql="SELECT COUNT(*) AS n FROM shop.main.people")], 3),
    ],
)
def test_a_clean_question_takes_one_call_and_two_repairs_three(shop, script, calls):
    (answer,) = shop.ask(script, COVERED)
    assert (answer.status, answer.model.calls) == ("answered", calls)
    assert len(shop.endpoint.requests) == calls


@pytest.fixture(scope="module")
def voting_shop(tmp_path_factory):
    with asked_shop(make_shop(tmp_path_factory.mktemp("voting")), drafts=3) as shop:
        yield shop


def test_drafts_that_give_the_same_rows_agree_in_the_product(voting_shop):
    people = "FROM shop.main.people"
    agreed = [
        draft(kind="sql", sql=f"SELECT COUNT(*) AS n {people}"),
        draft(kind="sql", sql=f"SELECT COUNT(id) AS number {people}"),
    ]
    (answer,) = voting_shop.ask(agreed, COVERED)
    assert (answer.status, answer.model.calls) == ("answered", 2)
    assert answer.receipt is not None
    assert len(answer.receipt.fragments) == 3
    assert any("stimmen" in reason for reason in answer.confidence.reasons)


def test_drafts_that_do_not_agree_are_unsure(voting_shop):
    texts = ("COUNT(*)", "MAX(id)", "MIN(id) + 40")
    script = [draft(kind="sql", sql=f"SELECT {t} AS n FROM shop.main.people") for t in texts]
    (answer,) = voting_shop.ask(script, COVERED)
    assert answer.model.calls == 3
    assert answer.confidence.value < 0.35


SEGMENTS = draft(
    kind="sql",
    sql="SELECT segment, COUNT(DISTINCT id) AS n FROM shop.main.people GROUP BY segment ORDER BY 1",
    labels=[{"column": "n", "label": "Leute", "unit": "count"}],
)


@pytest.mark.parametrize(
    ("reply", "said", "calls"),
    [
        (Scripted("[r1c1] hat 3 Leute. Das sind 70 Prozent."), "Goldkundschaft hat 3 Leute.", 2),
        (Scripted("Es sind 17."), None, 1),
        (Scripted("halb", cut=True), None, 1),
    ],
)
def test_a_model_may_word_the_answer_and_the_templates_stand_in(telling_shop, reply, said, calls):
    (answer,) = telling_shop.ask([SEGMENTS, reply], "Leute nach Segment?")
    assert (answer.status, answer.model.calls) == ("answered", calls)
    assert (answer.text == said) is (said is not None)
    assert "Goldkundschaft" not in str(telling_shop.endpoint.requests[1])


@pytest.fixture(scope="module")
def telling_shop(tmp_path_factory):
    with asked_shop(make_shop(tmp_path_factory.mktemp("telling")), narration="model") as shop:
        yield shop


def test_a_draft_against_the_policy_is_refused_with_the_reason_after_its_repairs(shop):
    drop = draft(kind="sql", sql="DROP TABLE shop.main.people")
    (answer,) = shop.ask([drop] * 3, UNCOVERED)
    assert answer.status == "error"
    assert answer.sql is None
