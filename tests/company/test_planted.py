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


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("effect", PLANTED["effects"], ids=lambda effect: effect["id"])
def test_a_planted_effect_is_found(asked, effect, language):
    answer = asked(effect["ask"][language])
    assert answer.language == language
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
    (question,) = (each["ask"]["de"] for each in PLANTED["effects"] if each["id"] == effect)
    found = asked(question).investigation
    assert found.spent["fragments"] <= found.limits["fragments"] == 60
    assert found.spent["bytes"] <= found.limits["bytes"] == 10_000_000
    assert found.tests > found.confirmed >= 1
    assert {"data_fault", "chance", "season"} <= {ruled.kind for ruled in found.ruled_out}
