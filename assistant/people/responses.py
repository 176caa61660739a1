"""How people responded to contacts of the last year, by channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from assistant.people.audiences import Audiences
from assistant.people.facts import Facts, count, person_key
from connectors.query import QueryResult

DAYS = 365
WEIGHT = 20.0


@dataclass(frozen=True)
class History:
    """Contacts made to one person on one channel, and how many were responded to."""

    contacts: int
    responses: int


@dataclass(frozen=True)
class Responses:
    """Histories by channel and person, and each channel's share of responses."""

    histories: Mapping[str, Mapping[str, History]]
    shares: Mapping[str, float]
    results: tuple[QueryResult, ...] = field(repr=False, default=())

    @classmethod
    def read(cls, audiences: Audiences, channels: Iterable[str]) -> Self:
        """The histories of channels of which responses are recorded; the others have none."""
        histories: dict[str, dict[str, History]] = {}
        results = []
        for channel in sorted(channels):
            sql = _sql(audiences, channel)
            if sql is None:
                continue
            result = audiences.run(sql)
            rows = ((str(row[0]), int(str(row[1])), int(str(row[2]))) for row in result.rows())
            histories[channel] = {person: History(made, back) for person, made, back in rows}
            results.append(result)
        shares = {channel: _share(found) for channel, found in histories.items()}
        return cls(histories, shares, tuple(results))

    def of(self, person: str, channel: str) -> History | None:
        """A person's history; None where the channel records no responses."""
        found = self.histories.get(channel)
        return None if found is None else found.get(person, History(0, 0))

    def lift(self, history: History, channel: str) -> float:
        """How many times as often as the average the person responds, drawn to 1."""
        share = self.shares.get(channel, 0.0)
        if not share:
            return 1.0
        own = (history.responses + WEIGHT * share) / (history.contacts + WEIGHT)
        return own / share


def _share(histories: Mapping[str, History]) -> float:
    contacts = sum(history.contacts for history in histories.values())
    return sum(history.responses for history in histories.values()) / contacts if contacts else 0.0


def _sql(audiences: Audiences, channel: str) -> str | None:
    facts = Facts(audiences.model)
    made, back = [], []
    for dataset in audiences.model.datasets.values():
        contact = dataset.roles.contact
        if contact is None or channel not in contact.channels or contact.response is None:
            continue
        rows = f"({contact.channels[channel]}) AND {audiences.since(contact.time, DAYS)}"
        both = f"({rows}) AND ({contact.response})"
        made.append(f"COALESCE({facts.sql(count(dataset.name, rows))}, 0)")
        back.append(f"COALESCE({facts.sql(count(dataset.name, both))}, 0)")
    if not made:
        return None
    contacts = " + ".join(made)
    person = f"CAST({person_key(audiences.model)} AS VARCHAR) AS person"
    outputs = [person, f"{contacts} AS contacts", f"{' + '.join(back)} AS responses"]
    return facts.select(outputs, [f"{contacts} > 0"])
