import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.understanding import words
from assistant.understanding.words import canonical, fold, tokens


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Kündigungen", "Kuendigung"),
        ("Regionen", "Region"),
        ("campaigns", "campaign"),
        ("cancelled", "cancel"),
        ("STRASSE", "Straße"),
    ],
)
def test_inflected_and_folded_words_match(left, right):
    (one,), (other,) = tokens(left), tokens(right)
    assert one.matches(other)


@pytest.mark.parametrize(
    ("left", "right"), [("Umsatz", "Kosten"), ("abo", "app"), ("2025", "2026")]
)
def test_different_words_do_not_match(left, right):
    (one,), (other,) = tokens(left), tokens(right)
    assert not one.matches(other)


@pytest.mark.parametrize(
    "text",
    [
        "Kundinnen und Kunden",
        "Kund:innen",
        "Kund*innen",
        "Kund_innen",
        "KundInnen",
        "Kunden und Kundinnen",
    ],
)
def test_a_pair_or_inclusive_form_is_one_word(text):
    (word,) = tokens(text)
    assert word.norm == "kunden"


def test_two_different_groups_stay_two():
    assert len(tokens("Kundinnen und Filialen")) == 3


def test_places_refer_to_the_text_as_written():
    text = "Wie viele Kundinnen und Kunden haben gekündigt?"
    assert [text[t.start : t.end] for t in tokens(text)][-1] == "gekündigt"


def test_case_and_punctuation_do_not_tell_questions_apart():
    assert canonical("Wie viele Tickets sind offen?") == canonical("wie viele tickets sind offen")
    assert fold("Größe") == "groesse"


def test_words_read_at_the_same_time_get_their_own_stems(monkeypatch):
    texts = [
        "Kündigungen",
        "cancellations",
        "Bestellungen",
        "organizations",
        "Zufriedenheiten",
    ] * 40
    alone = {text: tokens(text) for text in texts}
    monkeypatch.setattr(words, "_forms", words._forms.__wrapped__)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(tokens, texts))
    finally:
        sys.setswitchinterval(usual)
    assert found == [alone[text] for text in texts]
