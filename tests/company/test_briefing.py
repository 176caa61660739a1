"""A briefing for an agency: everything it says is the guards', the offer's or the settings'."""

import pytest

from assistant.narration import check_numbers
from assistant.pipeline import AskRequest, ask
from assistant.views.base import view_for


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "Erstelle ein Briefing für die Rückgewinnungskampagne mit Zielgruppe, Kanal, Botschaft, Zeit.",
            ("# Briefing", "Zielgruppe", "Botschaft", "ohne offene Beschwerde", "Kontrollgruppe"),
        ),
        (
            "Write a briefing for the win-back campaign with audience, channel, message, time",
            ("# Briefing", "Audience", "Message", "without an open complaint", "control group"),
        ),
    ],
)
def test_a_briefing_names_audience_channel_message_and_time(demo_services, question, words):
    answer = ask(demo_services, AskRequest(question))
    assert answer.status == "answered", answer.text
    assert all(word in answer.text for word in words), answer.text
    channels = [row[0] for row in answer.rows]
    assert len(channels) == 2
    assert all(row[2] <= row[1] for row in answer.rows)


def test_every_number_of_a_briefing_is_a_cell_or_a_setting(demo_services):
    answer = ask(demo_services, AskRequest("Erstelle ein Briefing für die Rückgewinnung"))
    cells = [float(v) for row in answer.rows for v in row if isinstance(v, (int, float))]
    settings = demo_services.settings.activation
    rules = [n for c in settings.channels.values() for n in (c.most, c.days, c.per_day)]
    rules += [c[3] / 2 for c in answer.rows] + [80, 5, 60]
    unknown = check_numbers(answer.text, [*cells, *rules])
    # what is left are the counts between the guards and the sample size, each a whole number
    assert all(n.isdecimal() for n in unknown), unknown


def test_a_briefing_for_nothing_known_asks_back(demo_services):
    answer = ask(demo_services, AskRequest("Erstelle ein Briefing für die Agentur"))
    assert answer.status == "clarify"
    assert len(answer.clarification.options) == 3


def test_a_briefing_is_told_from_other_questions():
    assert view_for("Erstelle ein Briefing für die Rückgewinnung").name == "briefing"
    assert view_for("Wie hoch war der Umsatz für Zelte?") is None
