"""„Zeige alles zu Kundin 104711": one person over all silos, as the asker's role may see it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.answer import Answer
from assistant.answer_json import plain
from assistant.charts import VEGA_LITE
from assistant.language import has_text
from assistant.people.card import Card, Cards, Event
from assistant.people.facts import person_dataset
from assistant.views.base import Asked
from catalog.semantic_model import Dataset
from connectors.query import OutputColumn

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?:\+|00|0)\d[\d\s/()-]{7,}\d")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
NUMBER = re.compile(
    r"\b(?:kund(?:e|in|en)|kundennummer|kunden-nr\.?|customer|client|person|nr\.?|number|id)"
    r"(?:\s+(?:mit|with|der|the|nummer|number|nr\.?|id|no\.?))*\s*[:#]?\s*#?([A-Z]{0,3}-?\d{3,})\b",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\b(alles|kundenkarte|kundenprofil|steckbrief|überblick|übersicht|verlauf|historie|stimmung|"
    r"interaktionen|kontakte|everything|all about|customer card|profile|overview|history|mood|"
    r"interactions|contacts|show me|zeige?)\b",
    re.IGNORECASE,
)


class View:
    """The card of one person, found by number, e-mail address, telephone number or id."""

    name = "customer_card"

    def recognises(self, question: str) -> bool:
        """True when asked about one person who is named by a key."""
        return key_of(question) is not None and ASKS.search(question) is not None

    def answer(self, asked: Asked) -> Answer:
        """What happened, newest first; who it is, what may be said to them and their mood."""
        key = key_of(asked.question) or ""
        cards = Cards(asked.audiences())
        found = cards.find(key)
        results = [found[0].result] if found else []
        if len(found) != 1:
            said = asked.say("card.several" if found else "card.nobody", people=len(found))
            return asked.answer(self.name, said, (), (), results)
        card = cards.card(found[0], asked.services.clock.day())
        return asked.answer(
            self.name,
            "\n".join(_said(asked, card, key)),
            _columns(asked),
            [_row(asked, event) for event in card.events],
            card.results,
            chart=_chart(asked, card),
            warnings=tuple(_hidden(asked, card)),
        )


def key_of(question: str) -> str | None:
    """The key of a person in a question; None when there is none."""
    for pattern in (EMAIL, UUID):
        match = pattern.search(question)
        if match:
            return match.group()
    number = NUMBER.search(question)
    if number:
        return number.group(1)
    phone = PHONE.search(question)
    return phone.group() if phone else None


def _columns(asked: Asked) -> list[OutputColumn]:
    kinds = (
        ("at", "TIMESTAMP"),
        ("system", "VARCHAR"),
        ("what", "VARCHAR"),
        ("details", "VARCHAR"),
    )
    return [OutputColumn(n, kind, None, asked.say(f"card.{n}")) for n, kind in kinds]


def _row(asked: Asked, event: Event) -> tuple[Any, ...]:
    return event.at, _system(event.dataset), label(asked, event.dataset), _details(asked, event)


def label(asked: Asked, dataset: Dataset) -> str:
    """A dataset's name in the asker's language."""
    return dataset.labels.get(asked.language, dataset.name)


def _system(dataset: Dataset) -> str:
    return dataset.source.split(".")[0]


def _details(asked: Asked, event: Event) -> str:
    parts = []
    for name, value in event.details.items():
        field = event.dataset.field(name)
        if value is None or field is None:
            continue
        code = field.codes.get(str(value).lower() if isinstance(value, bool) else str(value), {})
        said = code.get(asked.language) or asked.value(value)
        parts.append(f"{field.labels.get(asked.language, name)}: {said}")
    return ", ".join(parts)


def _said(asked: Asked, card: Card, key: str) -> Iterator[str]:
    yield asked.say("card.title", asked=key, person=card.person or "–")
    about = Event(None, person_dataset(asked.model), card.about)
    yield _details(asked, about)
    yield ""
    counts = Counter(label(asked, event.dataset) for event in card.events)
    systems = {_system(event.dataset) for event in card.events} | {
        _system(person_dataset(asked.model))
    }
    listed = ", ".join(f"{name}: {asked.count(n)}" for name, n in counts.items())
    yield asked.say("card.events", systems=asked.count(len(systems)), listed=listed or "–")
    yield f"- {mood_line(asked, card)}"
    for channel, guards in card.guards.items():
        yield f"- {_channel(asked, channel, guards)}"


def mood_line(asked: Asked, card: Card) -> str:
    """The mood in a sentence, with what it rests on."""
    mood = card.mood
    if mood.value is None:
        return asked.say("card.mood_unknown")
    said = asked.say(
        "card.mood",
        level=asked.say(f"card.mood_{mood.level}"),
        value=asked.value(round(mood.value, 2)),
        judgements=asked.count(mood.judgements),
        complaints=asked.count(mood.complaints),
    )
    if mood.trend is None:
        return said
    way = "up" if mood.trend > 0 else "down" if mood.trend < 0 else "same"
    return f"{said} {asked.say(f'card.trend_{way}', change=asked.value(abs(round(mood.trend, 2))))}"


def _channel(asked: Asked, channel: str, guards: Mapping[str, bool]) -> str:
    key = f"channel.{channel}"
    name = asked.say(key) if has_text(key, asked.language) else channel
    stops = [asked.say(f"card.stop_{guard}") for guard, passed in guards.items() if not passed]
    if not stops:
        return asked.say("card.may", channel=name)
    return asked.say("card.may_not", channel=name, why=", ".join(stops))


def _hidden(asked: Asked, card: Card) -> Iterator[str]:
    if card.hidden:
        yield asked.say("card.hidden", what="; ".join(card.hidden))


def _chart(asked: Asked, card: Card) -> dict[str, Any] | None:
    """Events as points: time across, one line per system."""
    points = [
        {
            "at": plain(event.at),
            "system": _system(event.dataset),
            "what": label(asked, event.dataset),
        }
        for event in card.events
        if event.at is not None
    ]
    if len(points) < 2:
        return None
    return {
        "$schema": VEGA_LITE,
        "data": {"values": points},
        "mark": {"type": "point", "filled": True, "size": 70, "tooltip": True},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None},
            "y": {"field": "system", "type": "nominal", "title": None},
            "color": {"field": "what", "type": "nominal", "title": None},
        },
    }
