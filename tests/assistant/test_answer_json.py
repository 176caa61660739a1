import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import jsonschema
import numpy as np
import pytest

from assistant.answer import (
    Answer,
    AnswerError,
    Clarification,
    Confidence,
    Insight,
    Investigation,
    ModelUse,
    RuledOut,
)
from assistant.answer_json import plain, to_json
from connectors.query import FragmentReceipt, OutputColumn, Receipt

SCHEMA = json.loads((Path(__file__).parents[2] / "assistant/answer.schema.json").read_text())
MODEL = ModelUse("semantic")


def answer(**changes) -> Answer:
    given = {"status": "answered", "question": "?", "language": "de", "text": "!", "trace_id": "t"}
    return Answer(**{**given, "model": MODEL, **changes})


@pytest.mark.parametrize(
    "made",
    [
        answer(),
        answer(status="clarify", clarification=Clarification("Was?", ("a", "b"))),
        answer(status="error", error=AnswerError("silo", "down", "operator", "crm", None)),
        answer(
            investigation=Investigation(
                "real", 12, 1, (RuledOut("chance", "no"),), {"fragments": 3}, {"fragments": 60}
            )
        ),
        answer(
            columns=(OutputColumn("n", "BIGINT", "count"),),
            rows=((1,), (Decimal("1.5"),), (None,)),
            confidence=Confidence(0.5, ("so",)),
            insights=(
                Insight("i1", "trend", "s", "m", {"r": "x"}, 1.0, 2.0, 3.0, (1.0, 2.0), 3, 0.1),
            ),
            receipt=Receipt(
                (
                    FragmentReceipt(
                        "crm",
                        "postgres",
                        "SELECT",
                        1,
                        8,
                        0,
                        ("n",),
                        1.5,
                        datetime.now(UTC),
                        ("x",),
                        (),
                    ),
                ),
                "duckdb",
                2.5,
            ),
        ),
    ],
)
def test_every_answer_fits_the_contract(made):
    value = json.loads(json.dumps(to_json(made)))
    jsonschema.validate(value, SCHEMA)


def test_no_field_of_the_contract_is_left_out():
    assert set(SCHEMA["required"]) <= set(to_json(answer()))
    optional = {"plan", "conversation_id", "investigation"}
    assert {f.name for f in fields(Answer)} - set(to_json(answer())) == optional


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("2.00"), 2),
        (Decimal("2.50"), 2.5),
        (date(2026, 10, 31), "2026-10-31"),
        (datetime(2026, 10, 31, 1, 2, tzinfo=UTC), "2026-10-31T01:02:00+00:00"),
        (timedelta(minutes=1), 60.0),
        (b"\x00", "AA=="),
        (float("nan"), None),
        (float("inf"), None),
        (np.int64(3), 3),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, "x"), [1, "x"]),
    ],
)
def test_values_become_what_json_knows(value, expected):
    assert plain(value) == expected
