"""The HTML report holds everything, loads nothing and runs nothing."""

from html.parser import HTMLParser

from assistant.evaluation.comparing import compare
from assistant.evaluation.report_html import html_report
from assistant.evaluation.scoring import Difference
from tests.assistant.evaluation.results import result, run

HOSTILE = """</td><script>alert(1)</script><img src=x onerror='alert(2)'>"&amp;"""


class Tags(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data):
        self.said += data


def hostile_run():
    row = (HOSTILE, 1.0)
    return run(
        result(
            HOSTILE,
            outcome="wrong",
            question=HOSTILE,
            kind=HOSTILE,
            message=HOSTILE,
            sql=HOSTILE,
            error=HOSTILE,
            difference=Difference((row,), (row,), 1, 1),
        ),
        agrees={HOSTILE: False},
    )


def test_hostile_text_stays_text():
    found = Tags(html_report(hostile_run(), compare(run(result(HOSTILE)), hostile_run())))
    assert found.names.isdisjoint({"script", "img"})
    assert "onerror" not in found.attributes
    assert found.said.count(HOSTILE) >= 8


def test_the_page_loads_nothing():
    found = Tags(html_report(hostile_run()))
    assert found.names.isdisjoint({"link", "iframe", "object", "base"})
    assert found.attributes.isdisjoint({"src", "href", "srcset"})


def test_umlauts_are_written_as_they_are():
    page = html_report(run(result(question="Über Zürich: größte Kündigungen?", outcome="wrong")))
    assert '<meta charset="utf-8">' in page
    assert "Über Zürich: größte Kündigungen?" in page


def test_every_miss_and_every_table_is_there():
    given = run(
        result("a"),
        result("b", outcome="refused", message="Keine Kennzahl passt."),
        agrees={"a": True},
    )
    page = Tags(html_report(given)).said
    for text in (
        "Misses (1)",
        "Keine Kennzahl passt.",
        "Calibration",
        "Risk by coverage",
        "50.0 %",
    ):
        assert text in page


def test_headings_and_sentences_are_in_the_language_asked_for():
    page = html_report(run(result("a", "de"), result("a", "en"), agrees={"a": True}), None, "de")
    assert '<html lang="de">' in page
    assert "Auswertung von" in page
    assert "stimmen in 100.0 % von 1 Fragen" in page
    assert "Outcomes" not in page
