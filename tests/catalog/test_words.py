"""Words of two languages, compounds and umlauts meet."""

import threading

import pytest

from catalog.words import STOP_WORDS, WordIndex, spelled, words

ENTRIES = [
    (("kunden", "Kundin"), "Wer bei uns kauft"),
    (("web_events", "clicks"), "What visitors do"),
    (("Kündigungen", "cancellations"), "Customers who left"),
    (("Bestellwert",), "average order value"),
]
INDEX = WordIndex(ENTRIES)


def best(question: str) -> int | None:
    scores = INDEX.scores([[(word, 1.0)] for word in spelled(question) if word not in STOP_WORDS])
    return max(scores, key=lambda position: scores[position]) if scores else None


@pytest.mark.parametrize(
    ("question", "position"),
    [
        ("Wie viele Kunden?", 0),
        ("Kundenzahl", 0),
        ("visitor", 1),
        ("webEvents", 1),
        ("kündigung", 2),
        ("KUENDIGUNG", 2),
        ("Kündigungsgrund", 2),
        ("cancellation", 2),
        ("Bestellwerte", 3),
        ("durchschnittlicher Bestellwert", 3),
        ("orders", 3),
    ],
)
def test_a_question_finds_its_entry(question: str, position: int) -> None:
    assert best(question) == position


@pytest.mark.parametrize("question", ["", "???", "wie viele", "Zebra"])
def test_nothing_shared_is_nothing_found(question: str) -> None:
    assert best(question) is None


def test_words_are_parted_at_cases_and_underscores() -> None:
    assert words("kundenEMail_Größe-2") == ["kunden", "email", "groesse", "2"]


def test_an_empty_index_finds_nothing() -> None:
    assert not WordIndex([]).scores([[("kunden", 1.0)]])


def test_many_threads_may_ask_at_once() -> None:
    found: list[int | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(best("Kündigungen"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 16
