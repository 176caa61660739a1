"""Telemetry: answers, rows, bytes and tokens counted; never a word of a question."""

from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.answer import Answer, AnswerError, ModelUse
from assistant.telemetry import Telemetry
from connectors.query import FragmentReceipt, Receipt


def answer(status="answered", **changes) -> Answer:
    model = changes.pop("model", ModelUse("semantic"))
    return Answer(
        status, "Wie viele Geheimnisse?", "de", "Sieben Geheimnisse.", "t", model, **changes
    )


def fragment(silo: str, rows: int, size: int) -> FragmentReceipt:
    sql, read_at = "SELECT 'Geheimnis'", datetime.now(UTC)
    return FragmentReceipt(silo, "postgres", sql, rows, size, 0, ("n",), 1.5, read_at, (), ())


def samples(telemetry: Telemetry) -> dict[tuple, float]:
    """Value by name and labels, read as Prometheus reads it."""
    families = text_string_to_metric_families(telemetry.text().decode())
    found = [sample for family in families for sample in family.samples]
    return {(s.name, *sorted(s.labels.values())): s.value for s in found}


def test_answers_are_counted_by_status_and_code():
    telemetry = Telemetry()
    telemetry.count(answer(), 0.5)
    telemetry.count(answer(), 0.25)
    error = AnswerError("silo_unavailable", "crm is down", "operator", "crm", None)
    telemetry.count(answer("error", error=error), 1.0)
    found = samples(telemetry)
    assert found["rundblick_answers_total", "", "answered"] == 2
    assert found["rundblick_answers_total", "error", "silo_unavailable"] == 1
    assert found["rundblick_answer_seconds_count",] == 3
    assert found["rundblick_answer_seconds_sum",] == pytest.approx(1.75)


def test_rows_and_bytes_are_counted_by_silo():
    telemetry = Telemetry()
    receipt = Receipt((fragment("crm", 3, 90), fragment("cdp", 5, 10)), "duckdb", 1.0)
    telemetry.count(answer(receipt=receipt), 0.1)
    telemetry.count(answer(receipt=Receipt((fragment("crm", 4, 10),), "duckdb", 1.0)), 0.1)
    found = samples(telemetry)
    assert found["rundblick_silo_rows_total", "crm"] == 7
    assert found["rundblick_silo_bytes_total", "crm"] == 100
    assert found["rundblick_silo_rows_total", "cdp"] == 5


def test_tokens_of_the_chat_model_are_counted_by_kind():
    telemetry = Telemetry()
    telemetry.count(answer(model=ModelUse("llm", 2, 300, 40)), 0.1)
    telemetry.count(answer(model=ModelUse("llm", 1, 100, 5)), 0.1)
    found = samples(telemetry)
    assert found["rundblick_model_tokens_total", "prompt"] == 400
    assert found["rundblick_model_tokens_total", "completion"] == 45


def test_no_word_of_question_answer_or_sql_is_in_the_metrics():
    telemetry = Telemetry()
    telemetry.count(answer(receipt=Receipt((fragment("crm", 1, 1),), "duckdb", 1.0)), 0.1)
    assert "Geheim" not in telemetry.text().decode()


def test_each_service_counts_for_itself():
    counted, other = Telemetry(), Telemetry()
    counted.count(answer(), 0.1)
    assert ("rundblick_answers_total", "", "answered") not in samples(other)
