"""„Wen sollen wir morgen mit welchem Angebot über welchen Kanal ansprechen?"."""

import re
from collections import Counter
from collections.abc import Iterator

from assistant.answer import Answer
from assistant.language import has_text
from assistant.people.audiences import Audience
from assistant.people.next_actions import NextAction, Plan, plan_next
from assistant.views.base import Asked
from connectors.query import OutputColumn

WHOM = r"(wen|welche (kund\w*|personen|leute)|whom?|which (customers|people))"
CONTACT = (
    r"(ansprechen|kontaktieren|anschreiben|anrufen|angehen|contact|approach|write to|call|address)"
)
WHEN = r"(morgen|heute|als nächstes|nächste woche|tomorrow|today|next)"
QUESTIONS = re.compile(
    rf"\b{WHOM}\b.*\b{CONTACT}\b.*\b{WHEN}\b|\b{WHOM}\b.*\b{WHEN}\b.*\b{CONTACT}\b"
    r"|\bnext[ -]best[ -]actions?\b|\bnächste(n)? beste(n)? aktion(en)?\b",
    re.IGNORECASE,
)


class View:
    """The plan for the next day, as a dry run."""

    name = "next_actions"

    def recognises(self, question: str) -> bool:
        """True when asked whom to contact next."""
        return QUESTIONS.search(question) is not None

    def answer(self, asked: Asked) -> Answer:
        """One row per person, highest expected value first; what the guards took, in words."""
        plan = plan_next(asked.audiences(), asked.services.clock.day())
        currency = asked.services.settings.activation.currency
        return asked.answer(
            self.name,
            "\n".join(_said(asked, plan)),
            columns(asked, currency),
            rows(asked, plan),
            plan.results,
        )


def columns(asked: Asked, currency: str) -> list[OutputColumn]:
    """The columns of the list."""
    kinds = (
        ("place", "BIGINT", "count"), ("person", "VARCHAR", None), ("offer", "VARCHAR", None),
        ("channel", "VARCHAR", None), ("value", "DOUBLE", currency),
        ("acceptance", "DOUBLE", "percent"), ("reason", "VARCHAR", None),
    )  # fmt: skip
    label = {"reason": "reason_column"}
    return [
        OutputColumn(name, kind, unit, asked.say(f"next.{label.get(name, name)}"))
        for name, kind, unit in kinds
    ]


def rows(asked: Asked, plan: Plan) -> list[tuple[object, ...]]:
    """The list: rank, id, offer, channel, value, acceptance in percent, reason."""
    return [
        (
            place, action.person, action.offer.labels[asked.language],
            channel_label(asked, action.channel), round(action.value, 2),
            round(100 * action.acceptance, 2), _reason(asked, action, plan),
        )
        for place, action in enumerate(plan.actions, 1)
    ]  # fmt: skip


def _reason(asked: Asked, action: NextAction, plan: Plan) -> str:
    because = action.offer.because[asked.language]
    history, share = action.history, plan.shares.get(action.channel)
    if history is None or share is None or not history.contacts:
        return because
    return asked.say(
        "next.reason",
        because=because,
        responses=asked.count(history.responses),
        contacts=asked.count(history.contacts),
        share=asked.value(100 * share, "percent"),
    )


def _said(asked: Asked, plan: Plan) -> Iterator[str]:
    day = asked.value(plan.day)
    if not plan.actions:
        yield asked.say("next.none", day=day)
    else:
        yield asked.say("next.title", day=day, people=asked.count(len(plan.actions)))
    yield ""
    planned = Counter((action.offer.name, action.channel) for action in plan.actions)
    offers = {offer.name: offer for offer in asked.model.offers}
    for (name, channel), audience in plan.audiences.items():
        yield asked.say(
            "next.line",
            offer=offers[name].labels[asked.language],
            channel=channel_label(asked, channel),
            planned=asked.count(planned[name, channel]),
            selected=asked.count(audience.selected),
            steps=guard_steps(asked, audience),
        )
    for channel, people in plan.capped.items():
        limit = asked.services.settings.activation.channel(channel).per_day
        yield asked.say(
            "next.capped",
            channel=channel_label(asked, channel),
            people=asked.count(people),
            limit=asked.count(limit),
        )
    yield from ("", asked.say("next.rank"), "", asked.say("next.export"))


def guard_steps(asked: Asked, audience: Audience) -> str:
    """How many people each guard left, in words."""
    return ", ".join(
        asked.say("next.step", people=asked.count(g.after), guard=asked.say(f"guard.{g.guard}"))
        for g in audience.guards
    )


def channel_label(asked: Asked, channel: str) -> str:
    """A channel as people say it; its own name where the locale has none."""
    key = f"channel.{channel}"
    return asked.say(key) if has_text(key, asked.language) else channel
