"""What automated journeys sent, who unsubscribed, and who may not be contacted at all."""

import numpy as np
import pyarrow as pa

from demo.chance import DAYS, generator, moments, nullable, strings
from demo.customers import COUNT, Customers, written_emails

# Steps of each journey: channel, day after the start, chance that the step was really sent.
JOURNEYS: dict[str, tuple[tuple[str, int, float], ...]] = {
    "Willkommen": (("email", 0, 0.97), ("email", 7, 0.95), ("email", 21, 0.93)),
    "Rückgewinnung": (("email", 0, 0.96), ("sms", 5, 0.55), ("phone", 12, 0.90)),
    "Warenkorb": (("email", 0, 0.97), ("email", 2, 0.94)),
}
STARTS = {"Willkommen": 5_200, "Rückgewinnung": 2_600, "Warenkorb": 7_800}
LAST_DAYS = 180
BLOCKED, UNSUBSCRIBED = 0.04, 0.06
BLOCKS = ("email", "telefon", "post")


def make_journey_contacts(customers: Customers) -> pa.Table:
    """One row per planned step; the text messages of the win-back are often not sent."""
    rng = generator("journeys")
    reachable = np.flatnonzero(customers.email != "")
    who, journey, step, channel, day, chance = [], [], [], [], [], []
    for name, steps in JOURNEYS.items():
        people = rng.choice(reachable, STARTS[name])
        start = rng.integers(DAYS - LAST_DAYS, DAYS, STARTS[name])
        for number, (way, after, sent) in enumerate(steps, start=1):
            due = start + after
            past = due < DAYS
            count = int(past.sum())
            who.append(people[past])
            day.append(due[past])
            journey += [name] * count
            step += [number] * count
            channel += [way] * count
            chance.append(np.full(count, sent))
    people, planned = np.concatenate(who), moments(rng, np.concatenate(day))
    count = len(people)
    late = rng.integers(60, 3 * 3600, count).astype("timedelta64[s]")
    done = rng.random(count) < np.concatenate(chance)
    moment = pa.timestamp("us")
    return pa.table(
        {
            "customer_no": pa.array(people + 1, type=pa.int32()),
            "id": pa.array(np.arange(1, count + 1), type=pa.int64()),
            "email": strings(written_emails(rng, customers.email[people])),
            "journey": strings(journey),
            "step": pa.array(step, type=pa.int32()),
            "channel": strings(channel),
            "planned_at": pa.array(planned, type=moment),
            "sent_at": nullable((planned + late).astype("datetime64[us]"), done, moment),
        }
    )


def make_unsubscribes(customers: Customers) -> pa.Table:
    """Who left the mailing list in the campaign tool, whatever the consent silo says."""
    rng = generator("unsubscribes")
    gone = np.flatnonzero((customers.email != "") & (rng.random(COUNT) < UNSUBSCRIBED))
    at = moments(rng, rng.integers(0, DAYS, len(gone)))
    return pa.table(
        {
            "customer_no": pa.array(gone + 1, type=pa.int32()),
            "id": pa.array(np.arange(1, len(gone) + 1), type=pa.int64()),
            "email": strings(written_emails(rng, customers.email[gone])),
            "unsubscribed_at": pa.array(at, type=pa.timestamp("us")),
        }
    )


def make_blocks(customers: Customers) -> pa.Table:
    """The CRM's list of those who do not want to be contacted on a channel."""
    rng = generator("blocks")
    rows = [
        (int(place), channel)
        for channel in BLOCKS
        for place in np.flatnonzero(rng.random(COUNT) < BLOCKED)
    ]
    who = np.array([place for place, _ in rows])
    at = moments(rng, rng.integers(0, DAYS, len(rows)))
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "kundennummer": strings(customers.numbers()[who]),
            "kanal": strings([channel for _, channel in rows]),
            "gesperrt_am": pa.array(at, type=pa.timestamp("us", tz="UTC")),
        }
    )
