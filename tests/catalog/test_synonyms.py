"""Words of two languages stand for each other; German compounds come apart."""

import pytest

from catalog.synonyms import Synonyms, synonyms, ways

SMALL = Synonyms([["Kunde", "customer"], ["Reise", "Fahrt", "journey"], ["Punkt", "reward point"]])


def test_a_word_stands_for_all_others_of_its_line() -> None:
    assert SMALL.of("reisen") == {("fahrt",), ("journey",)}
    assert SMALL.of("punkte") == {("reward", "point")}
    assert SMALL.of("zebra") == frozenset()


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("kundenreise", ("kunden", "reise")),
        ("kundenreisen", ("kunden", "reisen")),
        ("reisekunden", ("reise", "kunden")),
        ("kunden", ()),
        ("kundenzebra", ()),
        ("zebra", ()),
    ],
)
def test_a_compound_of_known_parts_is_taken_apart(word: str, parts: tuple[str, ...]) -> None:
    assert SMALL.parts(word) == parts


def test_ways_to_say_a_question_begin_with_its_own_words() -> None:
    asked = ways("Welche Kunden?", SMALL, frozenset())
    assert [way[0] for way in asked] == [("kunden", 1.0)]
    assert dict(asked[0])["customer"] < 1


def test_a_name_has_no_parts() -> None:
    told = frozenset({"opencart"})
    assert [way[0][0] for way in ways("Fahrt in OpenCart", SMALL, told)] == ["fahrt", "opencart"]


def test_the_words_of_customer_experience_cross_languages() -> None:
    assert ("order",) in synonyms().of("bestellungen")
    assert ("bestellung",) in synonyms().of("orders")
    assert ("vertrag",) in synonyms().of("contracts")
