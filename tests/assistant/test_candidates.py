"""Feedback offers candidates for verified questions; a person decides, nothing else does."""

from datetime import UTC, datetime

import pytest

from assistant.candidates import VERIFIED, accept, candidates, reject
from assistant.feedback import Feedback, FeedbackFile, Given, Recent
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import SemanticModel, VerifiedQuestion
from connectors.errors import ConfigurationError

ASKED, SQL = "Wie viele Tickets sind offen?", "SELECT COUNT(*) AS n FROM service.public.tickets"
NONE = SemanticModel()


def given(folder, *verdicts: str, correction: str = "", question: str = ASKED) -> None:
    file = FeedbackFile(folder)
    for number, verdict in enumerate(verdicts):
        file.add(Feedback(str(number), verdict, "", question, "de", SQL, correction))


def test_a_liked_answer_is_a_candidate_with_its_counts(tmp_path):
    given(tmp_path, "good", "good", "bad")
    (found,) = candidates(tmp_path, NONE)
    assert (found.question, found.sql, found.good, found.bad) == (ASKED, SQL, 2, 1)
    assert found.asked == datetime.now(UTC).date()


def test_a_disliked_answer_is_none_but_its_correction_is(tmp_path):
    given(tmp_path, "bad", correction="SELECT 2 AS n")
    (found,) = candidates(tmp_path, NONE)
    assert (found.sql, found.corrected) == ("SELECT 2 AS n", True)


def test_feedback_without_its_question_and_cut_lines_are_passed_over(tmp_path):
    given(tmp_path, "good", question="")
    with (tmp_path / "feedback.jsonl").open("a") as file:
        file.write('{"verdict": "go')
    assert candidates(tmp_path, NONE) == ()
    assert candidates(tmp_path / "none", NONE) == ()


def test_what_is_verified_already_is_not_listed(tmp_path):
    given(tmp_path, "good")
    known = SemanticModel(verified_questions=(VerifiedQuestion({"de": ASKED}, SQL),))
    assert candidates(tmp_path, known) == ()


def test_an_accepted_candidate_is_a_verified_question_of_the_model(tmp_path):
    semantic = tmp_path / "semantic"
    semantic.mkdir()
    for question in (ASKED, "Und gestern?"):
        given(tmp_path, "good", question=question)
    for candidate in candidates(tmp_path, NONE):
        accept(candidate, "cx-team", tmp_path, semantic)
    model = load_semantic_model(semantic)
    assert {q.question["de"] for q in model.verified_questions} == {ASKED, "Und gestern?"}
    assert {q.verified_by for q in model.verified_questions} == {"cx-team"}
    assert model.verified_questions[0].verified_on == datetime.now(UTC).date()
    assert candidates(tmp_path, NONE) == ()


def test_sql_that_does_not_load_is_not_written(tmp_path):
    semantic = tmp_path / "semantic"
    semantic.mkdir()
    given(tmp_path, "bad", correction="DROP TABLE tickets")
    with pytest.raises(ConfigurationError):
        accept(candidates(tmp_path, NONE)[0], "x", tmp_path, semantic)
    assert not (semantic / VERIFIED).exists()
    assert len(candidates(tmp_path, NONE)) == 1


def test_a_rejected_candidate_is_not_listed_again(tmp_path):
    given(tmp_path, "good")
    reject(candidates(tmp_path, NONE)[0], "cx-team", tmp_path)
    given(tmp_path, "good")
    assert candidates(tmp_path, NONE) == ()


def test_a_verdict_finds_the_answer_it_is_about_until_it_is_forgotten():
    recent = Recent(limit=1)
    recent.add("t1", Given(ASKED, "de", SQL))
    assert recent.completed(Feedback("t1", "good")).sql == SQL
    recent.add("t2", Given("?", "en", "SELECT 1"))
    assert recent.completed(Feedback("t1", "good")) == Feedback("t1", "good")
