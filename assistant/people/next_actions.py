"""Whom to contact next, with which offer, on which channel: a plan under all guards.

Rank: the expected value, acceptance × worth of the offer − cost of the contact. The acceptance is
the offer's own share on the channel, times how much more often the person responded to contacts of
the last year than people do on average. A person's share of responses is drawn to the average by
as much as WEIGHT contacts would (empirical Bayes, Efron and Morris 1975), so that few contacts say
little. One contact a person, and per channel no more than it can make in a day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.people.audiences import Audience, Audiences, Selection
from assistant.people.responses import History, Responses
from catalog.semantic_offers import Offer
from connectors.errors import UsageError
from connectors.query import QueryResult


@dataclass(frozen=True)
class NextAction:
    """One contact that is proposed.

    Attributes:
        person: Id in the silo that owns persons.
        acceptance: Chance that the person accepts, 0 to 1.
        value: Expected value in the currency of `activation`, the contact's cost taken off.
        history: Contacts and responses of the last year on the channel; None when not recorded.
    """

    person: str
    offer: Offer
    channel: str
    acceptance: float
    value: float
    history: History | None = None


@dataclass(frozen=True)
class Plan:
    """What is proposed for a day; nothing is sent and nothing is written anywhere.

    Attributes:
        actions: Highest expected value first.
        audiences: Per offer and channel, how many people each guard left.
        capped: Proposals left out because their channel is full for the day, by channel.
        shares: Share of the last year's contacts that were responded to, by channel.
    """

    day: date
    actions: tuple[NextAction, ...]
    audiences: Mapping[tuple[str, str], Audience]
    capped: Mapping[str, int]
    shares: Mapping[str, float]
    results: tuple[QueryResult, ...]


def plan_next(audiences: Audiences, today: date) -> Plan:
    """The plan for the day after `today`.

    Raises:
        UsageError: The semantic model has no offers.
        RundblickError: A query was refused or failed.
    """
    offers = audiences.model.offers
    if not offers:
        raise UsageError("the semantic model has no offers", hint="Declare some: docs/actions.md.")
    pairs = [(offer, channel) for offer in offers for channel in offer.channels]
    selections = [Selection(offer.select, channel) for offer, channel in pairs]
    people = audiences.people(selections)
    responses = Responses.read(audiences, {channel for _, channel in pairs})
    found = [
        _candidate(person, offer, channel, audiences, responses)
        for (offer, channel), chosen in zip(pairs, people.chosen, strict=True)
        for person in chosen
    ]
    taken, capped = _taken(found, audiences)
    counted = audiences.count(selections)
    keys = [(offer.name, channel) for offer, channel in pairs]
    return Plan(
        today + timedelta(days=1),
        tuple(taken),
        dict(zip(keys, counted, strict=True)),
        capped,
        responses.shares,
        (*people.results, *responses.results),
    )


def _candidate(
    person: str, offer: Offer, channel: str, audiences: Audiences, responses: Responses
) -> NextAction:
    history = responses.of(person, channel)
    lift = responses.lift(history, channel) if history else 1.0
    acceptance = min(1.0, offer.channels[channel] * lift)
    cost = audiences.rules.channel(channel).cost or 0.0
    return NextAction(person, offer, channel, acceptance, acceptance * offer.value - cost, history)


def _taken(
    found: Iterable[NextAction], audiences: Audiences
) -> tuple[list[NextAction], dict[str, int]]:
    """The best action of each person while its channel has room.

    What costs more than it brings is left out.
    """
    used: Counter[str] = Counter()
    capped: Counter[str] = Counter()
    people: set[str] = set()
    taken = []
    for action in sorted(found, key=_rank):
        if action.value <= 0 or action.person in people:
            continue
        if used[action.channel] >= audiences.rules.channel(action.channel).per_day:
            capped[action.channel] += 1
            continue
        used[action.channel] += 1
        people.add(action.person)
        taken.append(action)
    return taken, dict(capped)


def _rank(action: NextAction) -> tuple[float, str, str, str]:
    """Highest value first; equal ones in a fixed order."""
    return (-action.value, action.person, action.offer.name, action.channel)
