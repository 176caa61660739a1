"""Lists of names: „Welche Kampagnen liefen im August?", "List the brands"."""

from datetime import date

from assistant.metric_query import Dimension, Filter, Period
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import NAMES
from assistant.understanding.markers import RUNNING
from catalog.semantic_model import Dataset, Field

PRESENT = frozenset({"laufen", "laeuft", "running", "run", "aktiv", "active"})


def naming(dataset: Dataset) -> Dimension | None:
    """The field that names a dataset's rows: its name, else an identifier other than the key."""
    for found in dataset.fields:
        if found.name in NAMES and found.dimension:
            return Dimension(dataset.name, found.name)
    for found in dataset.fields:
        if found.sensitivity == "identifier" and found.name not in dataset.primary_key:
            return Dimension(dataset.name, found.name)
    return None


def span(
    heard: Heard, dataset: Dataset, period: Period, time: str | None = None
) -> tuple[Filter, ...] | None:
    """A period as conditions on the days of rows; None when they have none.

    „Liefen" takes rows whose time from `start` to `end` touches the period; else `time`, a day
    of theirs, or the start counts.
    """
    start, end = dataset.field("start"), dataset.field("end")
    running = heard.marked(RUNNING)
    if running and start is not None and end is not None:
        heard.used.update(running)
        return (
            Filter(dataset.name, "start", "<", (period.end,)),
            Filter(dataset.name, "end", ">=", (period.start,)),
        )
    chosen = _day(dataset, time)
    if chosen is None or running:
        return None
    return (
        Filter(dataset.name, chosen.name, ">=", (period.start,)),
        Filter(dataset.name, chosen.name, "<", (period.end,)),
    )


def _day(dataset: Dataset, time: str | None) -> Field | None:
    """The day named, else the start, else the only day there is."""
    if time is not None:
        return dataset.field(time.split(".")[1])
    times = [f for f in dataset.fields if f.is_time]
    return dataset.field("start") or (times[0] if len(times) == 1 else None)


def running_today(heard: Heard, dataset: Dataset, today: date) -> tuple[Filter, ...]:
    """„Laufen gerade": those whose time from `start` to `end` holds the day; „liefen": all."""
    words = heard.marked(RUNNING)
    if dataset.field("start") is None or dataset.field("end") is None:
        return ()
    heard.used.update(words)
    if not any(heard.norm(place) in PRESENT for place in words):
        return ()
    return (
        Filter(dataset.name, "start", "<=", (today,)),
        Filter(dataset.name, "end", ">=", (today,)),
    )
