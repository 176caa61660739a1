"""Of several drafts the one most agree with is taken, and agreement makes it surer."""

import pyarrow as pa
import pytest

from assistant.checks import Review
from assistant.drafting import Drafted, SubmittedDraft
from assistant.model_recording import Reply
from assistant.voting import Vote, Voter
from catalog.context import SchemaContext
from connectors.errors import ModelReplyInvalid, ModelUnavailable, SiloUnavailable
from connectors.query import OutputColumn, QueryResult, Receipt
from tests.assistant.checks.shop import bound

CONTEXT = SchemaContext("q", "en")
ONE, ALSO_ONE, TWO = (
    "SELECT COUNT(*) AS n FROM orders",
    "SELECT SUM(1) AS m FROM orders",
    "SELECT COUNT(*) AS n FROM tickets",
)
ROWS = {ONE: [1], ALSO_ONE: [1], TWO: [2]}


def drafted(sql: str | None, kind="sql") -> Drafted:
    review = Review(bound(sql)) if sql else None
    return Drafted(SubmittedDraft(kind=kind, sql=sql), CONTEXT, (Reply("", (), 10, 1),), review)


def run(sql, role, rows, seconds) -> QueryResult:
    values = next((v for text, v in ROWS.items() if bound(text).sql == sql), None)
    if values is None:
        raise SiloUnavailable("down", silo="x")
    table = pa.table({"n": values})
    return QueryResult(table, (OutputColumn("n", "BIGINT"),), sql, Receipt((), "e", 0))


def choose(*drafts, most: int = 3) -> tuple[Vote, int]:
    drawn = []

    def draw(number: int) -> Drafted:
        drawn.append(number)
        made = drafts[number]
        if isinstance(made, Exception):
            raise made
        return made

    return Voter(run, most).choose(draw, None), len(drawn)


def test_drafts_of_other_sql_with_the_same_rows_agree_and_end_the_drawing():
    vote, drawn = choose(drafted(ONE), drafted(ALSO_ONE), drafted(TWO))
    assert (vote.drafted.submitted.sql, vote.agreement, drawn) == (ONE, 1.0, 2)


def test_the_majority_wins_over_the_first():
    vote, drawn = choose(drafted(TWO), drafted(ONE), drafted(ALSO_ONE))
    assert (vote.drafted.submitted.sql, drawn) == (ONE, 3)
    assert vote.agreement == pytest.approx(2 / 3)


def test_all_replies_are_counted():
    vote, _ = choose(drafted(TWO), drafted(ONE), drafted(ALSO_ONE))
    assert len(vote.drafted.replies) == 3


def test_without_any_agreement_the_first_is_taken_and_unsure():
    vote, _ = choose(drafted(TWO), drafted(ONE), drafted(None, "refuse"))
    assert vote.drafted.submitted.sql == TWO
    assert vote.agreement == pytest.approx(1 / 3)


def test_two_refusals_agree():
    vote, drawn = choose(drafted(None, "refuse"), drafted(None, "refuse"), drafted(ONE))
    assert (vote.drafted.submitted.kind, drawn) == ("refuse", 2)


def test_statements_that_fail_agree_with_nothing():
    failing = "SELECT COUNT(*) AS n FROM customers"
    vote, _ = choose(drafted(failing), drafted(failing), drafted(ONE))
    assert vote.agreement == pytest.approx(1 / 3)


def test_a_fault_of_one_draft_is_survived_and_a_fault_of_all_is_told():
    vote, _ = choose(ModelUnavailable("busy"), drafted(ONE), drafted(ALSO_ONE))
    assert vote.drafted.submitted.sql == ONE
    with pytest.raises(ModelUnavailable, match="busy"):
        choose(ModelUnavailable("busy"), ModelReplyInvalid("x"), ModelReplyInvalid("y"))
