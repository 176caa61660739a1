"""The plan for tomorrow: ranked by expected value, capped, explained, exported on approval only."""

import csv
import io
import json
from dataclasses import replace

import pytest

from assistant.activation import ActivationLog, export
from assistant.people.next_actions import plan_next
from assistant.people.responses import WEIGHT, History, Responses
from assistant.pipeline import AskRequest, ask
from assistant.views.base import Asked
from connectors.config import ActivationSettings, ChannelSettings
from connectors.errors import UsageError
from tests.assistant.people.company import audiences_of

QUESTION = "Wen sollen wir morgen mit welchem Angebot über welchen Kanal ansprechen?"


@pytest.fixture(scope="module")
def plan(company):
    return plan_next(audiences_of(company), company.clock.day())


def test_who_responded_more_comes_first(plan):
    assert [action.person for action in plan.actions] == ["1", "2"]
    first, second = plan.actions
    assert first.history == History(2, 2)
    assert second.history == History(1, 0)
    assert first.acceptance > 0.1 > second.acceptance


def test_the_value_is_acceptance_times_worth_less_the_cost(plan):
    for action in plan.actions:
        assert action.value == pytest.approx(action.acceptance * 20 - 0.5)


def test_few_contacts_say_little():
    responses = Responses({}, {"email": 0.1})
    assert responses.lift(History(0, 0), "email") == pytest.approx(1.0)
    assert responses.lift(History(1, 1), "email") == pytest.approx((1 + WEIGHT * 0.1) / 21 / 0.1)
    assert responses.lift(History(1_000, 1_000), "email") == pytest.approx(10, rel=0.02)
    assert Responses({}, {}).lift(History(3, 1), "sms") == 1.0


def test_no_channel_is_filled_beyond_its_day(company):
    audiences = audiences_of(company)
    audiences.rules = ActivationSettings(channels={"email": ChannelSettings(most=2, per_day=1)})
    plan = plan_next(audiences, company.clock.day())
    assert [action.person for action in plan.actions] == ["1"]
    assert plan.capped == {"email": 1}


def test_a_contact_that_costs_more_than_it_brings_is_not_made(company):
    audiences = audiences_of(company)
    audiences.rules = ActivationSettings(channels={"email": ChannelSettings(most=2, cost=50)})
    assert plan_next(audiences, company.clock.day()).actions == ()


def test_a_model_without_offers_says_so(company):
    audiences = audiences_of(company)
    audiences.model = replace(audiences.model, offers=())
    with pytest.raises(UsageError, match="no offers"):
        plan_next(audiences, company.clock.day())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (QUESTION, ("Probelauf", "Gutschein", "wohnt in Bern")),
        (
            "Whom should we contact tomorrow with which offer through which channel?",
            ("dry run", "voucher", "lives in Bern"),
        ),
    ],
)
def test_the_plain_question_gets_the_list(company, question, words):
    answer = ask(company, AskRequest(question))
    assert answer.status == "answered", answer.text
    said = answer.text + str(answer.rows)
    assert all(word in said for word in words)
    assert [row[1] for row in answer.rows] == ["1", "2"]
    assert {fragment.silo for fragment in answer.receipt.fragments} == {"crm", "mail", "desk"}


def test_an_export_needs_a_person_and_leaves_a_line(company):
    asked = Asked(company, QUESTION, "de", None, "")
    log = ActivationLog(company.settings.catalog.path)
    with pytest.raises(UsageError, match="nobody approved"):
        export(asked, "  ")
    assert log.all() == []
    rows = list(csv.reader(io.StringIO(export(asked, "Mara Muster"))))
    assert rows[0][:2] == ["place", "person"]
    assert [row[1] for row in rows[1:]] == ["1", "2"]
    (line,) = log.all()
    assert line["approved_by"] == "Mara Muster"
    assert line["people"] == 2
    assert line["planned"] == {"voucher email": 2}
    assert [g["guard"] for g in line["guards"]["voucher email"]][-1] == "complaint"
    assert "x.example" not in json.dumps(line)
