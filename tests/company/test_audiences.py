"""Random audiences of the demo contain nobody who may not be contacted, by the generator's truth."""

import random

import pytest

from assistant.people.audiences import Audiences, Selection
from catalog.semantic_offers import Condition
from demo.truth import open_truth

AUDIENCES = 1_000
# Who may be contacted, by channel, written anew over the true keys: nothing of the product's SQL.
FORBIDDEN = """
WITH contacts AS (
    SELECT customer_no, 'email' AS channel, sent_at FROM sends
    UNION ALL SELECT customer_no, channel, sent_at FROM journey_contacts WHERE sent_at IS NOT NULL
),
recent AS (
    SELECT customer_no, channel, count(*) AS contacts FROM contacts
    WHERE sent_at >= DATE '2026-10-01' GROUP BY ALL
),
channels AS (
    SELECT * FROM (VALUES ('email', 'newsletter', 'email', 4), ('sms', 'sms', 'telefon', 2),
    ('phone', NULL, 'telefon', 1)) AS t(channel, purpose, block, most)
)
SELECT kunden.id, channel FROM kunden, channels
WHERE geloescht_am IS NOT NULL
OR (purpose IS NOT NULL AND NOT EXISTS (FROM einwilligungen AS e
    WHERE e.customer_no = kunden.customer_no AND zweck = purpose AND erteilt))
OR EXISTS (FROM werbesperren AS w WHERE w.customer_no = kunden.customer_no AND w.kanal = block)
OR (channel = 'email' AND EXISTS (FROM unsubscribes AS u WHERE u.customer_no = kunden.customer_no))
OR EXISTS (FROM recent WHERE recent.customer_no = kunden.customer_no
    AND recent.channel = channels.channel AND contacts >= most)
OR EXISTS (FROM tickets WHERE tickets.customer_no = kunden.customer_no AND status < 2
    AND tickets.geloescht_am IS NULL)
"""
REGIONS = ("Zürich", "Bern", "Romandie", "Ostschweiz", "Tessin")


@pytest.fixture(scope="module")
def audiences(demo_services):
    services = demo_services
    return Audiences(services.settings, services.catalog.model, services.federation, services.clock)


@pytest.fixture(scope="module")
def forbidden(demo_folder):
    with open_truth(demo_folder) as truth:
        return set(truth.execute(FORBIDDEN).fetchall())


def some_condition(chance: random.Random) -> Condition:
    days = chance.choice((30, 60, 90, 180, 365))
    return chance.choice(
        (
            Condition("kunden", f"region = '{chance.choice(REGIONS)}'"),
            Condition(
                "kunden", f"segment = '{chance.choice(('Standard', 'Premium', 'Business'))}'"
            ),
            Condition("bestellungen", "TRUE", "bestellt_am", days, absent=chance.random() < 0.4),
            Condition("abos", "NOT gekuendigt_am IS NULL", "gekuendigt_am", days),
            Condition("tickets", f"kategorie = {chance.randint(1, 5)}", "erstellt_am", days),
            Condition("nps_antworten", "punkte <= 6", "befragt_am", days),
            Condition("anrufe", "abgebrochen", "begonnen_am", days),
            Condition("sends", "NOT clicked_at IS NULL"),
        )
    )


def random_selections(count: int) -> list[Selection]:
    chance = random.Random(7)
    return [
        Selection(
            tuple(some_condition(chance) for _ in range(chance.randint(1, 3))),
            chance.choice(("email", "sms", "phone")),
        )
        for _ in range(count)
    ]


def test_a_thousand_random_audiences_hold_nobody_who_may_not_be_contacted(audiences, forbidden):
    selections = random_selections(AUDIENCES)
    people = audiences.people(selections)
    assert len(people.chosen) == AUDIENCES
    reached = sum(map(len, people.chosen))
    wrong = [
        (selection.channel, person)
        for selection, chosen in zip(selections, people.chosen, strict=True)
        for person in chosen
        if (person, selection.channel) in forbidden
    ]
    assert wrong == []
    assert reached > 100_000, reached
