"""A question finds its view, and no question about a figure is taken by one."""

from pathlib import Path

import pytest
import yaml

from assistant.views import base
from assistant.views.base import view_for, views

ROOT = Path(__file__).parents[3]
QUESTIONS = ("questions.yaml", "questions_more.yaml", "questions_fresh.yaml")


def asked() -> list[str]:
    """Every demo question in both languages."""
    found = []
    for name in QUESTIONS:
        file = ROOT / "demo" / name
        if file.exists():
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            found += [entry[lang] for entry in content["questions"] for lang in ("de", "en")]
    return found


def test_no_question_about_a_figure_is_taken_by_a_view():
    questions = asked()
    assert len(questions) > 200
    taken = {q: view.name for q in questions if (view := view_for(q)) is not None}
    assert taken == {}


def test_a_new_file_is_a_new_view(monkeypatch, tmp_path):
    (tmp_path / "toy.py").write_text(
        "class View:\n"
        "    name = 'toy'\n"
        "    def recognises(self, question):\n"
        "        return question == 'Ring a ring o roses?'\n"
    )
    package = __import__("assistant.views", fromlist=["views"])
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    base.views.cache_clear()
    try:
        assert view_for("Ring a ring o roses?").name == "toy"
    finally:
        base.views.cache_clear()


def test_every_view_has_a_name_of_its_own():
    names = [view.name for view in views()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (
            "Wen sollen wir morgen mit welchem Angebot über welchen Kanal ansprechen?",
            "next_actions",
        ),
        ("Welche Kundinnen sollen wir heute anrufen?", "next_actions"),
        ("Whom should we contact tomorrow?", "next_actions"),
        ("Which customers should we call next?", "next_actions"),
        ("Next best action", "next_actions"),
        ("Zeige alles zu Kundin 104711", "customer_card"),
        ("Kundenkarte für Kundennummer 104711", "customer_card"),
        ("Welche Interaktionen hatte Kunde #104711 in den letzten 90 Tagen?", "customer_card"),
        ("Zeig alles über mia.dubois@mail.example", "customer_card"),
        ("Show everything about customer 104711", "customer_card"),
        ("Show the history of +41 79 123 45 67", "customer_card"),
        (
            "Welche Kunden sind in zwei Systemen mit widersprüchlicher Einwilligung gespeichert?",
            "studies",
        ),
        ("Which customers have conflicting consent in two systems?", "studies"),
        ("Wie hoch ist der Kontaktdruck?", "studies"),
        ("Whom do we contact too often by e-mail?", "studies"),
        ("Welche Maßnahmen liefen letzte Woche gleichzeitig auf dieselben Kunden?", "studies"),
        ("Which campaigns ran on the same customers at the same time?", "studies"),
        ("Wo weichen geplante und tatsächliche Journeys am stärksten ab?", "studies"),
        ("Where do planned and actual journeys deviate most?", "studies"),
        ("Welche Journey-Schritte haben die höchste Abbruchquote?", "studies"),
        ("Wie rentiert sich jeder Werbefranken je Kanal, nach Retouren?", "studies"),
        ("Which touchpoints contribute to revenue by attribution?", "studies"),
        ("Zeige die zehn häufigsten Wege vom ersten Kontakt bis zum Kauf.", "studies"),
        ("What are the most frequent paths to a purchase?", "studies"),
        ("Wie konzentriert ist der Umsatz, als Gini?", "studies"),
        ("Show the Lorenz concentration of revenue", "studies"),
        ("Beschreibe die typischen Käufergruppen", "studies"),
        ("Describe the typical customer groups", "studies"),
        ("Wie hat sich die Tonalität der Kommentare zu Lieferungen entwickelt?", "studies"),
        ("What topics do comments have?", "studies"),
    ],
)
def test_a_question_finds_its_view(question, name):
    view = view_for(question)
    assert view is not None
    assert view.name == name
