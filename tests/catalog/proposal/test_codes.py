import pytest

from catalog.proposal.codes import read_codes
from catalog.proposal.vocabulary import vocabulary
from connectors.schema import Column, ColumnStats

NOTHING = ColumnStats()


def codes(comment="", stats=NOTHING, keys=(), native="smallint"):
    column = Column("status", "SMALLINT", native, comment=comment)
    return read_codes(column, stats, vocabulary(), keys)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("1 E-Mail, 2 Telefon, 3 Chat", {"1": "E-Mail", "2": "Telefon", "3": "Chat"}),
        ("0=open 1=resolved 2=snoozed", {"0": "open", "1": "resolved", "2": "snoozed"}),
        ("0: offen; 1: gelöst", {"0": "offen", "1": "gelöst"}),
        ("Status: 0 = offen, 1 = zu", {"0": "offen", "1": "zu"}),
        ("A = aktiv | I = inaktiv", {"A": "aktiv", "I": "inaktiv"}),
    ],
)
def test_a_comment_tells_codes(comment, expected):
    found = codes(comment)
    assert found is not None
    assert {value: any(text in label.values() for label in [found[value]]) for value, text in
            expected.items()} == dict.fromkeys(expected, True)  # fmt: skip


@pytest.mark.parametrize(
    "comment",
    ["Zufriedenheit 1 bis 5; leer ohne Bewertung", "0 to 10", "1 to 5 stars", "Seit 2020 und 2021"],
)
def test_a_range_is_no_list_of_codes(comment):
    assert codes(comment) is None


def test_codes_are_said_in_both_languages_where_the_words_are_known():
    found = codes("0 offen, 1 in Arbeit, 2 gelöst")
    assert found is not None
    assert found["2"] == {"de": "gelöst", "en": "resolved"}
    assert found["1"] == {"de": "in Arbeit", "en": "in progress"}


def test_codes_that_miss_a_stored_value_do_not_count():
    stats = ColumnStats(distinct=3, minimum="0", maximum="2")
    assert codes("0 offen, 1 gelöst", stats) is None


def test_an_enumeration_names_its_values_in_the_type():
    assert codes(native="enum('open','closed')") == {
        "open": {"de": "offen", "en": "open"},
        "closed": {"de": "geschlossen", "en": "closed"},
    }


def test_two_letters_are_languages_only_where_the_column_says_so():
    stats = ColumnStats(distinct=2, values=("de", "en"))
    assert codes(stats=stats) is None
    found = codes(stats=stats, keys={"language"})
    assert found == {
        "de": {"de": "Deutsch", "en": "German"},
        "en": {"de": "Englisch", "en": "English"},
    }
