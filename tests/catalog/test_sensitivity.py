"""Sensitivity is told by names, in German and English, and declared classes win."""

from dataclasses import replace

import pytest

from catalog.semantic_model import Dataset, Field, SemanticModel
from catalog.sensitivity import classify, declared, fold, looks_personal, protect
from connectors.schema import ColumnStats
from tests.catalog.places import table


@pytest.mark.parametrize(
    ("column", "sensitivity"),
    [
        ("email", "contact"),
        ("kundenEMail", "contact"),
        ("contact_e-mail", "contact"),
        ("Telefonnummer", "contact"),
        ("phone_mobile", "contact"),
        ("anrufer_nummer", "contact"),
        ("Straße", "contact"),
        ("billing_address", "contact"),
        ("vorname", "identifier"),
        ("Nachname", "identifier"),
        ("last_name", "identifier"),
        ("kundenname", "identifier"),
        ("geburtsdatum DATE", "identifier"),
        ("birth_date DATE", "identifier"),
        ("kundennummer", "identifier"),
        ("customer_id BIGINT", "identifier"),
        ("kunde_nr", "identifier"),
        ("session_id", "identifier"),
        ("IBAN", "payment"),
        ("card_number", "payment"),
        ("diagnose", "health"),
        ("kommentar", "free_text"),
        ("Betreff", "free_text"),
        ("message_body", "free_text"),
        ("einwilligung_newsletter BOOLEAN", "consent"),
        ("email_opt_in BOOLEAN", "consent"),
        ("page_url", "behaviour"),
        ("region", "none"),
        ("name", "none"),
        ("produktname", "none"),
        ("campaign_name", "none"),
        ("email_sent_at TIMESTAMP", "none"),
        ("kommentar_anzahl INTEGER", "none"),
        ("mobile_app_version DOUBLE", "none"),
        ("title", "none"),
    ],
)
def test_a_name_tells_its_class(column: str, sensitivity: str) -> None:
    found = classify(table("crm.main.t", column))
    assert next(iter(found.values()), "none") == sensitivity


def test_a_name_is_personal_only_in_a_table_about_people() -> None:
    assert classify(table("crm.main.kunden", "id BIGINT", "name"))["name"] == "identifier"
    assert classify(table("crm.main.customer_accounts", "id BIGINT"))["id"] == "identifier"
    assert not classify(table("crm.main.products", "id BIGINT", "name"))


def test_folding_parts_words_and_umlauts() -> None:
    assert fold("KundenGröße (cm)") == "kunden_groesse_cm"


@pytest.mark.parametrize("value", ["a@b.ch", "+41 79 123 45 67", "CH93 0076 2011 6238 5295 7"])
def test_a_value_may_look_personal(value: str) -> None:
    assert looks_personal(["open", value])


def test_plain_categories_do_not_look_personal() -> None:
    assert not looks_personal(["Zürich", "2026", "e-mail", "A-100"])


def test_a_declared_class_wins_and_takes_the_values_away() -> None:
    made = table("crm.main.t", "plan", "note")
    stats = {n: ColumnStats(0.5, 3, "a", "c", ("a", "b", "c")) for n in ("plan", "note")}
    fields = (Field("p", '"Plan"', sensitivity="contact"), Field("n", "note", sensitivity="none"))
    model = SemanticModel({"d": Dataset("d", "CRM.main.t", fields=fields)})
    safe = protect(replace(made, stats=stats, sensitivity={"note": "free_text"}), declared(model))
    assert safe.sensitivity == {"plan": "contact", "note": "none"}
    assert safe.stats["plan"] == ColumnStats(0.5, 3)
    assert safe.stats["note"].values == ("a", "b", "c")
