"""Results and runs made up for tests."""

from datetime import UTC, datetime

from assistant.evaluation.running import Result, Run

BEGAN = datetime(2026, 10, 31, 12, tzinfo=UTC)


def result(name="revenue", language="de", outcome="right", **changes) -> Result:
    """A result; answered unless said otherwise."""
    given = {
        "question": "Wie hoch war der Umsatz?",
        "kind": "total",
        "split": "dev",
        "silos": 1,
        "expected": "answered",
        "status": {"refused": "refused", "clarified": "clarify", "error": "error"}.get(
            outcome, "answered"
        ),
        "ms": 100.0,
        "steps": {"translate": 10.0, "run": 60.0},
        "bytes": 1_000,
        "used": ("dwh",),
        "calls": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cost": None,
        "confidence": 1.0 if outcome in ("right", "wrong") else None,
        "message": "Umsatz: CHF 1",
    }
    return Result(id=name, language=language, outcome=outcome, **{**given, **changes})


def run(*results: Result, agrees=None) -> Run:
    """A run of these results."""
    return Run("questions.yaml", BEGAN, ("semantic",), results, agrees or {})
