"""Normalisers bring keys of two silos to one form."""

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from catalog.normalisers import NORMALISERS, normalise
from connectors.errors import ConfigurationError

TEXTS = st.one_of(st.text(max_size=20), st.text(alphabet="+#0123456789()ab \t", max_size=16))


def value(name: str, text: object) -> object:
    row = duckdb.execute(f"SELECT {normalise(name, 'x')} FROM (SELECT ? AS x)", [text]).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("exact", " A ", " A "),
        ("trim", " A ", "A"),
        ("lower(trim)", " Anna@X.ch ", "anna@x.ch"),
        ("lower( trim )", " B", "b"),
        ("strip_hash", " #10023 ", "10023"),
        ("strip_hash", "# 10023", "10023"),
        ("strip_hash", 10023, "10023"),
        ("digits", "CH-00 12", "0012"),
        ("digits", "none", None),
        ("e164(CH)", "079 123 45 67", "+41791234567"),
        ("e164(CH)", "0041 79 123 45 67", "+41791234567"),
        ("e164(CH)", "+41 (0)79 123 45 67", "+41791234567"),
        ("e164(CH)", "(079) 123-45-67", "+41791234567"),
        ("e164(DE)", "0151/2345", "+491512345"),
        ("e164(at)", "0664 1", "+436641"),
        ("e164(GB)", "020 7946 0000", "+442079460000"),
        ("e164(US)", "(212) 555-0100", "+12125550100"),
        ("e164(US)", "1 212 555 0100", "+12125550100"),
        ("e164(US)", "011 41 79 1", "+41791"),
        ("e164(CH)", "anonymous", None),
    ],
)
def test_a_key_takes_its_canonical_form(name: str, raw: object, expected: object) -> None:
    assert value(name, raw) == expected


def test_a_hash_stays_and_an_address_is_hashed() -> None:
    hashed = value("sha256", " Anna@x.ch")
    assert isinstance(hashed, str)
    assert len(hashed) == 64
    assert value("sha256", hashed.upper()) == hashed


@pytest.mark.parametrize("name", NORMALISERS)
def test_null_stays_null(name: str) -> None:
    assert value(name, None) is None


@pytest.mark.parametrize("name", NORMALISERS)
def test_every_normaliser_is_canonical_sql(name: str) -> None:
    assert sqlglot.parse_one(normalise(name, "a.b"), dialect="duckdb")


@pytest.mark.parametrize("name", NORMALISERS)
@given(text=TEXTS)
def test_a_second_pass_changes_nothing(name: str, text: str) -> None:
    once = value(name, text)
    assert value(name, once) == once


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError) as caught:
        normalise("lower_trim", "x")
    assert "'lower(trim)'" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["e164(FR)", "e164", "sha256(CH)", ""])
def test_a_wrong_argument_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError):
        normalise(name, "x")
