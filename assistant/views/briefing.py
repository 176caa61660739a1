"""„Erstelle ein Briefing für die Rückgewinnung": an offer as a page an agency can work from."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer import Answer, Clarification
from assistant.people.audiences import Audience, Selection
from assistant.recommendations.power import two_proportions
from assistant.views.base import Asked
from assistant.views.next_actions import channel_label, guard_steps
from catalog.semantic_offers import Offer
from connectors.query import OutputColumn

QUESTIONS = re.compile(r"\b(briefing|brief)\b.*\b(für|zu|zum|zur|über|for|on|about|agency)\b", re.I)
WORDS = re.compile(r"[a-zäöüßéè]+")
STEM = 6


class View:
    """A briefing: aim, audience under all guards, channel, message, time, measure, limits."""

    name = "briefing"

    def recognises(self, question: str) -> bool:
        """True when asked for a briefing."""
        return QUESTIONS.search(question) is not None

    def answer(self, asked: Asked) -> Answer:
        """The page in Markdown, and a row per channel; asks back when no offer is named."""
        offers = asked.model.offers
        meant = named(asked.question, offers)
        if len(meant) != 1:
            options = tuple(offer.labels[asked.language] for offer in meant or offers)
            said = asked.say("briefing.which")
            answer = asked.answer(self.name, said, (), ())
            return replace(answer, status="clarify", clarification=Clarification(said, options))
        (offer,) = meant
        selections = [Selection(offer.select, channel) for channel in offer.channels]
        audiences = asked.audiences().count(selections)
        rows = [_row(asked, offer, audience) for audience in audiences]
        answer = asked.answer(
            self.name, "\n".join(_page(asked, offer, audiences)), _columns(asked), rows
        )
        return replace(answer, sql=";\n\n".join(dict.fromkeys(a.sql for a in audiences)))


def named(question: str, offers: Sequence[Offer]) -> list[Offer]:
    """Offers a question names: by a synonym, else by the beginnings of the words of their names."""
    low = question.lower()
    by_synonym = [o for o in offers if any(word.lower() in low for word in o.synonyms)]
    return by_synonym or [offer for offer in offers if _stems(low) & _stems(*offer.labels.values())]


def _stems(*texts: str) -> set[str]:
    words = WORDS.findall(" ".join(texts).lower())
    return {word[:STEM] for word in words if len(word) >= STEM}


def _value(asked: Asked, offer: Offer, audience: Audience) -> float:
    """Worth of those who accept, less the cost of the contacts."""
    channel = audience.selection.channel
    cost = asked.services.settings.activation.channel(channel).cost or 0.0
    return audience.reachable * (offer.channels[channel] * offer.value - cost)


def _row(asked: Asked, offer: Offer, audience: Audience) -> tuple[object, ...]:
    channel = audience.selection.channel
    rules = asked.services.settings.activation.channel(channel)
    return (
        channel_label(asked, channel), audience.selected, audience.reachable,
        100 * offer.channels[channel], math.ceil(audience.reachable / rules.per_day),
        None if rules.cost is None else round(rules.cost * audience.reachable, 2),
        round(_value(asked, offer, audience), 2),
    )  # fmt: skip


def _columns(asked: Asked) -> list[OutputColumn]:
    currency = asked.services.settings.activation.currency
    kinds = (
        ("channel", "VARCHAR", None), ("selected", "BIGINT", "count"),
        ("reachable", "BIGINT", "count"), ("acceptance", "DOUBLE", "percent"),
        ("days", "BIGINT", "count"), ("cost", "DOUBLE", currency), ("value", "DOUBLE", currency),
    )  # fmt: skip
    return [OutputColumn(n, kind, unit, asked.say(f"briefing.{n}")) for n, kind, unit in kinds]


def _page(asked: Asked, offer: Offer, audiences: Sequence[Audience]) -> Iterator[str]:
    language = asked.language
    currency = asked.services.settings.activation.currency
    best = max(audiences, key=lambda audience: _value(asked, offer, audience))
    channel = best.selection.channel
    rules = asked.services.settings.activation.channel(channel)
    share = offer.channels[channel]
    parts = {
        "aim": asked.say(
            "briefing.aim_said",
            people=asked.count(round(best.reachable * share)),
            value=asked.value(_value(asked, offer, best), currency),
        ),
        "audience": asked.say(
            "briefing.audience_said",
            because=offer.because[language],
            selected=asked.count(best.selected),
            steps=guard_steps(asked, best),
        ),
        "by": asked.say(
            "briefing.by_said",
            channel=channel_label(asked, channel),
            share=asked.value(100 * share, "percent"),
        ),
        "message": asked.say("briefing.message_said", offer=offer.labels[language]),
        "time": asked.say(
            "briefing.time_said",
            limit=asked.count(rules.per_day),
            days=asked.count(math.ceil(best.reachable / rules.per_day)),
        ),
        "measure": asked.say(
            "briefing.measure_said",
            size=asked.count(two_proportions(share, share / 2) or 0),
            share=asked.value(100 * share, "percent"),
            half=asked.value(50 * share, "percent"),
        ),
        "never": asked.say("briefing.never_said", most=rules.most, days=rules.days),
    }
    yield f"# {asked.say('briefing.title', offer=offer.labels[language])}"
    for name, said in parts.items():
        yield from ("", f"**{asked.say(f'briefing.{name}')}**", "", said)
