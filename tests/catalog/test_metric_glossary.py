"""The trade's metrics are all there, tied to what a proposal can make, and ambiguous words known."""

import tomllib
from pathlib import Path

from catalog import proposal
from catalog.metric_glossary import ambiguous, ambiguous_terms, definitions, with_variants
from catalog.semantic_model import Metric, SemanticModel

KNOWN = """
    nps csat ces fcr aht asa sl abandon frt mttr churn retention repeat clv cac roas romi ctr ctor
    open bounce_mail deliver complaint_mail unsub bounce_web cr aov cart rfm sow complaints return
    consent sla sentiment
"""


def test_every_metric_of_the_trade_has_a_formula_and_two_languages() -> None:
    found = definitions()
    assert [item.id for item in found] == KNOWN.split()
    assert all(item.formula and set(item.labels) == {"de", "en"} for item in found)
    assert {item.id for item in found if item.id in ("ces", "churn", "cr", "csat") and item.variants} == {
        "ces", "churn", "cr", "csat"
    }  # fmt: skip


def test_a_metric_it_names_is_one_a_proposal_can_make() -> None:
    file = Path(proposal.__file__).parent / "metrics.toml"
    makes = set(tomllib.loads(file.read_text(encoding="utf-8")))
    assert {item.metric for item in definitions() if item.metric} <= makes


def test_a_word_is_ambiguous_where_two_of_its_meanings_are_served() -> None:
    web, mail = Metric("web_bounce_rate", "1"), Metric("mail_bounce_rate", "1")
    both = SemanticModel(metrics={"web_bounce_rate": web, "mail_bounce_rate": mail})
    (term,) = ambiguous_terms(both)
    assert "Bounce" in term.forms
    assert "web_bounce_rate" in term.meaning
    assert term.metric is None
    assert term.proposed is not None
    assert list(ambiguous_terms(SemanticModel(metrics={"web_bounce_rate": web}))) == []
    assert len(ambiguous()) >= 7


def test_a_proposed_metric_names_its_variants() -> None:
    told = with_variants(Metric("ces", "AVG(a.b)", "Mean effort"))
    assert told.description.startswith("Mean effort. Also in use: top_box: ")
    plain = Metric("revenue", "SUM(a.b)", "Sum of orders")
    assert with_variants(plain) is plain
