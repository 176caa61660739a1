"""Sensitivity is told by names, in German and English, and declared classes win."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.semantic_model import Dataset, Field, SemanticModel
from catalog.sensitivity import classify, declared, fold, looks_personal, protect
from connectors.schema import PERSONAL, Column, ColumnStats, Table
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
        ("sbTxCustId", "identifier"),
        ("verified_devices", "identifier"),
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


LABELLED = Path(__file__).parent / "data" / "sensitivity.tsv"


def labelled() -> list[tuple[Table, Column, str]]:
    """Columns of 30 real systems with the class a person gave them, each in a table of its own."""
    found = []
    with LABELLED.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            column = Column(row["column"], row["type"], row["native"])
            owner = Table(row["system"], "public", row["table"], (column,))
            found.append((owner, column, row["class"]))
    return found


def test_of_500_real_columns_nearly_all_sensitive_ones_are_told_and_few_others() -> None:
    rows = labelled()
    told = {(o.full_name, c.name) for o, c, _ in rows if c.name in classify(o)}
    meant = {(o.full_name, c.name) for o, c, label in rows if label != "none"}
    missed, wrong = sorted(meant - told), sorted(told - meant)
    assert len(rows) >= 500
    assert len(meant & told) / len(meant) >= 0.99, missed
    assert len(meant & told) / len(told) >= 0.90, wrong


def test_of_real_columns_whose_values_must_stay_away_nearly_all_lose_them() -> None:
    rows = [(o, c) for o, c, label in labelled() if label in PERSONAL]
    kept = [(o.name, c.name) for o, c in rows if classify(o).get(c.name) not in PERSONAL]
    assert len(kept) / len(rows) <= 0.01, kept
