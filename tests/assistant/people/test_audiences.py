"""Guards hold back whom they should, one after the other, and never by a masked column."""

from dataclasses import replace

import pytest

from assistant.people.audiences import GUARDS, Selection
from assistant.people.facts import person_dataset
from catalog.semantic_model import SemanticModel
from catalog.semantic_offers import Condition
from connectors.errors import ConfigurationError, PolicyViolation
from tests.assistant.people.company import audiences_of

EVERYBODY = Selection((Condition("people"),), "email")
BUYERS = Selection((Condition("orders", "TRUE", "day", 30),), "email")
LAPSED = Selection(
    (Condition("orders"), Condition("orders", "TRUE", "day", 90, absent=True)), "email"
)


@pytest.fixture(scope="module")
def audiences(company):
    return audiences_of(company)


def test_each_guard_holds_back_its_own(audiences):
    (audience,) = audiences.count([EVERYBODY])
    assert audience.selected == 9  # Ida is gone
    assert [(g.guard, g.before, g.after) for g in audience.guards] == [
        ("address", 9, 8),  # the third has no e-mail
        ("consent", 8, 4),  # Dora said no, Emil never yes, Fred is blocked, Hans once null
        ("pressure", 4, 3),  # Gerd had two mails in thirty days
        ("complaint", 3, 2),  # Jan's case is open
    ]
    assert audience.reachable == 2


def test_the_people_are_those_that_were_counted(audiences):
    selections = [EVERYBODY, BUYERS, LAPSED, Selection(BUYERS.conditions, "sms")]
    people = audiences.people(selections)
    assert people.chosen == (("1", "2"), ("1",), ("2",), ())
    counted = [audience.reachable for audience in audiences.count(selections)]
    assert counted == [len(chosen) for chosen in people.chosen]


def test_a_selection_over_many_batches_is_answered_in_order(audiences):
    many = [BUYERS, LAPSED] * 11
    assert audiences.people(many).chosen == (("1",), ("2",)) * 11
    assert [audience.reachable for audience in audiences.count(many)] == [1, 1] * 11


def test_no_more_flags_than_one_query_may_hold(audiences):
    days = [
        Selection((Condition("orders", f"amount > {n}"), *BUYERS.conditions), "email")
        for n in range(70)
    ]
    people = audiences.people(days)
    assert len(people.results) > 1
    assert [len(chosen) for chosen in people.chosen] == [1] * 30 + [0] * 40  # any order counts


def test_data_of_a_silo_with_another_purpose_chooses_nobody(audiences):
    late = Selection((Condition("cases", "topic = 'late'"),), "email")
    assert audiences.forbidden(late) == ("desk",)
    assert audiences.people([late, BUYERS]).chosen == ((), ("1",))
    (audience,) = audiences.count([late])
    assert (audience.selected, audience.reachable) == (2, 0)
    assert audience.guards[0].guard == "purpose"


def test_a_channel_nobody_says_anything_about_is_closed(company, audiences):
    model = company.catalog.model
    person = model.datasets["people"]
    roles = replace(person.roles, addresses={"email": "email", "post": "region"})
    with_post = replace(model, datasets={**model.datasets, "people": replace(person, roles=roles)})
    asking = audiences_of(company)
    asking.model = with_post
    (audience,) = asking.count([Selection((Condition("people"),), "post")])
    assert [(g.guard, g.after) for g in audience.guards][:2] == [("address", 9), ("consent", 0)]


def test_a_role_that_sees_no_consents_contacts_nobody(company):
    with pytest.raises(PolicyViolation, match="guards cannot be checked"):
        audiences_of(company, "blind").people([EVERYBODY])


def test_a_role_with_fewer_people_reaches_fewer(company):
    (audience,) = audiences_of(company, "bern").count([EVERYBODY])
    assert audience.selected == 8


def test_only_counts_leave_the_engine_when_counting(audiences):
    (audience,) = audiences.count([EVERYBODY])
    assert audience.sql.startswith("SELECT COUNT(")
    assert set(audience.silos) == {"crm", "mail", "desk"}
    assert len(audience.guards) == len(GUARDS)


def test_a_model_without_persons_says_what_is_missing():
    with pytest.raises(ConfigurationError, match="not one"):
        person_dataset(SemanticModel())
