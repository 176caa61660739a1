"""Roles of datasets and offers: read, checked, written back."""

import pytest
import yaml

from catalog import semantic_writer
from catalog.semantic_files import load_semantic_model
from catalog.semantic_offers import Condition
from catalog.semantic_roles import Consent, Contact, Purchase, Rating, Roles, Step
from connectors.errors import ConfigurationError

PEOPLE = {
    "name": "people",
    "source": "crm.main.people",
    "rundblick": {
        "addresses": {"email": "email"},
        "consent": {"email": {"rows": "kind = 'news'", "given": "yes"}},
        "contact": {"time": "sent", "channels": {"email": "TRUE"}, "measure": "journey"},
        "complaint": "status < 2",
        "purchase": {"time": "day", "value": "amount", "returned": "back"},
        "step": {"time": "day", "name": "'visit'"},
        "rating": {"time": "day", "score": "stars", "worst": 1, "best": 5, "comment": "words"},
    },
}
OFFER = {
    "name": "voucher",
    "labels": "voucher",
    "because": "is new",
    "touchpoint": "shop",
    "channels": {"email": 0.1},
    "value": 12,
    "select": [{"dataset": "people", "time": "day", "days": 30, "until": 5, "absent": True}],
}


def loaded(folder, dataset=PEOPLE, offers=(OFFER,)):
    model = {"name": "m", "datasets": [dataset], "rundblick": {"offers": list(offers)}}
    text = yaml.safe_dump({"semantic_model": [model]})
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    return load_semantic_model(folder)


def test_every_role_is_read(tmp_path):
    assert loaded(tmp_path).datasets["people"].roles == Roles(
        addresses={"email": "email"},
        consent={"email": Consent("kind = 'news'", "yes")},
        contact=Contact("sent", {"email": "TRUE"}, measure="journey"),
        complaint="status < 2",
        purchase=Purchase("day", "amount", "back"),
        step=Step("day", "'visit'"),
        rating=Rating("day", "stars", 1, 5, "words"),
    )


def test_a_written_model_reads_back_the_same(tmp_path):
    first = loaded(tmp_path)
    content = semantic_writer.document("m", first.datasets.values())
    again = tmp_path / "again"
    again.mkdir()
    (again / "m.yaml").write_text(semantic_writer.text(content), encoding="utf-8")
    assert load_semantic_model(again).datasets == first.datasets


def test_an_offer_is_read(tmp_path):
    (offer,) = loaded(tmp_path).offers
    assert offer.labels == {"de": "voucher", "en": "voucher"}
    assert offer.channels == {"email": 0.1}
    assert offer.select == (Condition("people", "TRUE", "day", 30, 5, absent=True),)


def test_only_a_list_of_objections_permits_nobody():
    assert Consent("TRUE", "yes").permits
    assert Consent("TRUE", "yes OR no").permits
    assert not Consent("TRUE", "FALSE").permits
    assert not Consent("TRUE", "false").permits


@pytest.mark.parametrize(
    ("role", "value", "message"),
    [
        ("consent", {"email": {"rows": "TRUE"}}, "consent.email.given: missing"),
        ("consent", {"email": {"rows": "TRUE", "give": "x"}}, "give: unknown key"),
        ("contact", {"time": "sent"}, "contact.channels: missing"),
        ("complaint", "status <", "complaint"),
        ("purchase", {"time": "day"}, "purchase.value: missing"),
        ("rating", {"time": "d", "score": "s", "worst": 5, "best": 1}, "worst below best"),
        ("rating", {"time": "d", "score": "s"}, "worst and best are needed"),
    ],
)
def test_a_mistake_in_a_role_is_named(tmp_path, role, value, message):
    broken = {**PEOPLE, "rundblick": {role: value}}
    with pytest.raises(ConfigurationError, match=message):
        loaded(tmp_path, broken)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": {}}, "channels: missing"),
        ({"channels": {"email": 3}}, "not between"),
        ({"select": []}, "an offer to everybody is none"),
        ({"select": [{"dataset": "people", "days": 3}]}, "time and days go together"),
        ({"select": [{"dataset": "poeple"}]}, "'poeple' is not defined"),
        ({"chanels": {}}, "unknown key"),
    ],
)
def test_a_mistake_in_an_offer_is_named(tmp_path, change, message):
    with pytest.raises(ConfigurationError, match=message):
        loaded(tmp_path, offers=[{**OFFER, **change}])


def test_two_offers_of_one_name_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="stands in m"):
        loaded(tmp_path, offers=[OFFER, OFFER])
