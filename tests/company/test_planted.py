"""Each effect the generator plants is found by one plain question, in German and in English.

And what it only pretends is never named, whatever is asked.
"""

from pathlib import Path

import pytest
import yaml

import demo
from assistant.answer import Answer
from assistant.pipeline import AskRequest, ask

PLANTED = yaml.safe_load((Path(demo.__file__).parent / "effects.yaml").read_text("utf-8"))
QUESTIONS = {
    "romandie_churn": (
        "Warum sind die Kündigungen im letzten Quartal gestiegen?",
        "Why did cancellations rise last quarter?",
    ),
    "price_rise": (
        "Kündigungen seit Juni gegenüber dem Vorjahr nach Plan",
        "Cancellations since June compared with last year by plan",
    ),
    "delivery_nps": ("Warum ist der NPS seit August gesunken?", "Why has the NPS dropped since August?"),
    "delivery_tickets": (
        "Warum gibt es seit August mehr Tickets?",
        "Why are there more tickets since August?",
    ),
    "star_campaign": ("Umsatz je Franken nach Kampagne", "Revenue per franc by campaign"),
    "dud_campaign": ("Umsatz je Franken nach Kampagne", "Revenue per franc by campaign"),
    "premium_orders": (
        "Durchschnittlicher Bestellwert dieses Jahr nach Segment",
        "Average order value this year by segment",
    ),
    "mobile_checkout": (
        "Warum ist die Abschlussrate seit September gesunken?",
        "Why has the checkout completion rate dropped since September?",
    ),
    "chat_csat": ("CSAT dieses Jahr nach Kanal", "CSAT this year by channel"),
    "service_wait": (
        "Woran liegt es, dass die Wartezeit seit September gestiegen ist?",
        "Why has the waiting time gone up since September?",
    ),
}  # fmt: skip
BAD = {"romandie_churn", "price_rise", "delivery_nps", "delivery_tickets", "dud_campaign",
       "mobile_checkout", "service_wait"}  # fmt: skip
MONTHS = (
    "Warum ist der Umsatz im Dezember 2025 gestiegen?",
    "Why did revenue rise in December 2025?",
)
TICINO = ("NPS im Oktober 2026 nach Region", "Why did the NPS change in October 2026?")


@pytest.fixture(scope="module")
def asked(demo_services):
    """Each question once."""
    known: dict[str, Answer] = {}

    def answer(question: str) -> Answer:
        if question not in known:
            known[question] = ask(demo_services, AskRequest(question))
        return known[question]

    return answer


def test_every_planted_effect_has_a_question():
    assert set(QUESTIONS) == {effect["id"] for effect in PLANTED["effects"]}


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("effect", PLANTED["effects"], ids=lambda effect: effect["id"])
def test_a_planted_effect_is_found(asked, effect, language):
    answer = asked(QUESTIONS[effect["id"]][language])
    assert answer.language == ("de", "en")[language]
    found = [insight for insight in answer.insights if insight.segment == effect["where"]]
    assert found, answer.text
    assert all((insight.effect > 0) == (effect["direction"] == "up") for insight in found)
    assert {i.direction for i in found} == {"bad" if effect["id"] in BAD else "good"}
    assert all(insight.evidence_sql and insight.silos for insight in found)


@pytest.mark.parametrize("question", MONTHS)
def test_a_december_like_every_other_is_called_season(asked, question):
    answer = asked(question)
    assert answer.investigation.verdict == "season"
    assert [i for i in answer.insights if i.type in ("trend", "cause")] == []


@pytest.mark.parametrize("question", TICINO)
def test_a_tiny_group_is_never_named(asked, question):
    segments = [insight.segment for insight in asked(question).insights]
    assert {"kunden.region": "Tessin"} not in segments


@pytest.mark.parametrize("effect", ["delivery_nps", "mobile_checkout", "service_wait"])
def test_a_why_question_stays_within_its_budget(asked, effect):
    found = asked(QUESTIONS[effect][0]).investigation
    assert found.spent["fragments"] <= found.limits["fragments"] == 60
    assert found.spent["bytes"] <= found.limits["bytes"] == 10_000_000
    assert found.tests > found.confirmed >= 1
    assert {"data_fault", "chance", "season"} <= {ruled.kind for ruled in found.ruled_out}
