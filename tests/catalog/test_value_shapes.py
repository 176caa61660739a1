"""Forms of values: those with check digits by adding up, the others by how they look."""

import pytest

from catalog.value_shapes import CLASSES, common_shape, shape_of


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("anna.meier@example.org", "e-mail"),
        ("CH93 0076 2011 6238 5295 7", "iban"),
        ("DE89370400440532013000", "iban"),
        ("4111 1111 1111 1111", "card"),
        ("5500-0000-0000-0004", "card"),
        ("756.9217.0769.85", "ahv"),
        ("123-45-6789", "ssn"),
        ("+41 (0)79 123 45 67", "telephone"),
        ("079 123 45 67", "telephone"),
        ("192.168.0.17", "ip"),
        ("2001:db8::ff00:42:8329", "ip"),
        ("0b1a7a3e-7f0e-4c8e-9a3c-2f1d5b6c7d8e", "uuid"),
        ("https://example.org/a?b=1", "url"),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "hash"),
        ('{"a": 1}', "json"),
        ("Ich warte seit drei Wochen auf die Lieferung und niemand ruft mich zurück.", "prose"),
    ],
)
def test_a_value_has_a_form(value: str, shape: str) -> None:
    assert shape_of(value) == shape


@pytest.mark.parametrize(
    "value",
    [
        "CH93 0076 2011 6238 5295 8",  # one digit off
        "4111 1111 1111 1112",
        "756.9217.0769.86",
        "000-12-3456",
        "Gold",
        "2026-01-31",
        "1.25",
        "12:30",
        "999.1.1.1",
        "Deutschschweiz",
        "K-1042",
        "",
    ],
)
def test_what_only_looks_alike_has_none(value: str) -> None:
    assert shape_of(value) is None


def test_a_third_of_the_values_make_it_the_columns_form() -> None:
    mail = ["a@b.ch", "c@d.ch"]
    assert common_shape([*mail, "e@f.ch", *["x"] * 6]) == "e-mail"
    assert common_shape([*mail, *["x"] * 20]) is None
    assert common_shape([*mail, "", " "]) is None


def test_a_personal_form_counts_before_a_more_common_one() -> None:
    links = ["https://example.org/1"] * 6
    assert common_shape([*links, *["a@b.ch"] * 4]) == "e-mail"
    assert CLASSES["e-mail"] == "contact"
    assert "url" not in CLASSES
