"""One person over all silos, found by any key, as the role may see it."""

import pytest

from assistant.people.card import Cards
from assistant.pipeline import AskRequest, ask
from assistant.views.customer_card import key_of
from tests.assistant.people.company import audiences_of


@pytest.fixture(scope="module")
def cards(company):
    return Cards(audiences_of(company))


@pytest.mark.parametrize("key", ["1", "anna@x.example", " ANNA@X.example "])
def test_a_person_is_found_by_any_key(cards, key):
    (found,) = cards.find(key)
    assert found.row["person_id"] == "1"


@pytest.mark.parametrize("key", ["99", "nobody@x.example", "' OR 1 = 1 --", "9"])
def test_nobody_is_found_by_another(cards, key):
    assert cards.find(key) == []  # 9 is gone


def test_the_card_holds_what_every_silo_knows(company, cards):
    (found,) = cards.find("1")
    card = cards.card(found, company.clock.day())
    assert card.about == {"region": "Bern"}
    assert card.guards == {
        "email": {"address": True, "consent": True, "pressure": True, "complaint": True}
    }
    whence = {event.dataset.name for event in card.events}
    assert whence == {"blocks", "orders", "consents", "sends", "cases"}
    moments = [event.at for event in card.events if event.at]
    assert moments == sorted(moments, reverse=True)
    assert card.hidden == ()


def test_an_open_complaint_sours_the_mood(company, cards):
    (found,) = cards.find("10")
    card = cards.card(found, company.clock.day())
    assert card.guards["email"]["complaint"] is False
    assert (card.mood.level, card.mood.complaints) == ("bad", 1)


def test_masked_and_forbidden_things_are_named(company):
    cards = Cards(audiences_of(company, "blind"))
    (found,) = cards.find("1")
    card = cards.card(found, company.clock.day())
    assert card.guards == {}
    assert any("masked" in note for note in card.hidden)


def test_a_person_outside_the_roles_rows_is_not_found(company):
    assert Cards(audiences_of(company, "bern")).find("10") == []


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("Zeige alles zu Kundin 104711", "104711"),
        ("Show everything about customer #104711", "104711"),
        ("Alles zu anna.meier@mail.example bitte", "anna.meier@mail.example"),
        ("Verlauf von 079 123 45 67", "079 123 45 67"),
        ("Wie viele Kunden haben wir 2026?", None),
        ("Umsatz 2025", None),
    ],
)
def test_the_key_is_read_from_the_question(question, key):
    assert key_of(question) == key


def test_the_chat_shows_the_card(company):
    answer = ask(company, AskRequest("Zeige alles zu Kundin anna@x.example"))
    assert answer.status == "answered"
    assert "Kennung 1" in answer.text
    assert "E-Mail: Kontakt möglich" in answer.text
    nobody = ask(company, AskRequest("Zeige alles zu Kundin nobody@x.example"))
    assert "niemanden" in nobody.text
    assert nobody.rows == ()
