import pytest

from catalog.proposal.naming import column_sql, identifier, labels
from catalog.proposal.vocabulary import vocabulary


def said(name, *, plural=False):
    found = labels(vocabulary().parts(name), plural=plural)
    return found["de"], found["en"]


@pytest.mark.parametrize(
    ("name", "german", "english"),
    [
        ("kundennummer", "Kundennummer", "customer number"),
        ("customer_number", "Kundennummer", "customer number"),
        ("kundensegment", "Kundensegment", "customer segment"),
        ("event_type", "Ereignistyp", "event type"),
        ("kuendigungsgrund", "Kündigungsgrund", "cancellation reason"),
        ("createdAt", "erstellt am", "created on"),
    ],
)
def test_a_column_is_named_in_german_and_english(name, german, english):
    assert said(name) == (german, english)


@pytest.mark.parametrize(
    ("name", "german", "english"),
    [
        ("orders", "Bestellungen", "orders"),
        ("kunden", "Kunden", "customers"),
        ("nps_antworten", "NPS-Antworten", "NPS answers"),
        ("WebEvents", "Web-Ereignisse", "web events"),
    ],
)
def test_a_table_is_named_in_the_plural(name, german, english):
    assert said(name, plural=True) == (german, english)


def test_an_unknown_word_stands_as_it_is():
    assert said("frobnicator") == ("Frobnicator", "frobnicator")


def test_names_that_sql_takes_are_quoted_or_changed():
    assert column_sql("order") == '"order"'
    assert column_sql('a"b') == '"a""b"'
    assert column_sql("firstSeen") == "firstSeen"
    assert identifier("order") == "order_"
    assert identifier("2nd-Größe") == "n_2nd_groesse"
