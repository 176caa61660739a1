"""A value fills the hole of its family, as each dialect reads it; what may be misread is left out."""

import math
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlglot import exp

from connectors.planner.values import filled, hole_of


def condition(kind: str) -> exp.Expr:
    return exp.GT(this=exp.column("a"), expression=hole_of(kind))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", 5, "a > 5"),
        ("int", -5, "a > -5"),
        ("int", Decimal(12), "a > 12"),
        ("decimal", Decimal("0.10"), "a > 0.10"),
        ("double", 1e-05, "a > CAST(1e-05 AS DOUBLE)"),
        ("date", date(2026, 3, 1), "a > CAST('2026-03-01' AS DATE)"),
        (
            "timestamp",
            datetime(2026, 3, 1, 4),
            "a > CAST('2026-03-01 04:00:00.000000' AS TIMESTAMP)",
        ),
        ("text", "it's", "a > 'it''s'"),
    ],
)
def test_a_value_becomes_a_literal_of_its_family(kind, value, expected):
    made = filled(condition(kind), value, "postgres")
    assert made.sql("duckdb") == expected


@pytest.mark.parametrize(
    ("kind", "value", "dialect"),
    [
        ("double", math.inf, "postgres"),
        ("double", math.nan, "postgres"),
        ("int", 2**64, "mysql"),
        ("int", True, "postgres"),
        ("int", 1.5, "postgres"),
        ("int", Decimal("1.5"), "postgres"),
        ("decimal", Decimal("1234567890123456.78"), "sqlite"),
        ("text", "ä", "postgres"),
        ("text", "a\\b", "mysql"),
        ("text", "a\nb", "sqlite"),
        ("date", date(1, 1, 1), "postgres"),
        ("timestamp", date(2026, 1, 1), "postgres"),
        ("date", datetime(2026, 1, 1), "postgres"),
    ],
)
def test_what_may_be_misread_is_not_sent(kind, value, dialect):
    assert filled(condition(kind), value, dialect) is None


def test_both_places_of_one_hole_are_filled():
    twice = exp.and_(condition("text"), condition("text"))
    assert filled(twice, "x", "mysql").sql("duckdb") == "a > 'x' AND a > 'x'"


@pytest.mark.parametrize("kind", ["boolean", "uuid", "timestamptz", "unsigned", "other", "null"])
def test_other_families_are_not_sent(kind):
    assert hole_of(kind) is None
