"""What was ruled out is one click away, and nothing in it is markup."""

import pytest

from assistant.answer import Investigation, RuledOut
from assistant.investigation.folded import folded

SPENT = {"queries": 2, "fragments": 3, "bytes": 12_345, "seconds": 1.25}


@pytest.mark.parametrize(
    ("language", "said"), [("de", "12 Tests; 1 bestätigt"), ("en", "12 tests; 1 confirmed")]
)
def test_tests_costs_and_what_was_ruled_out_are_folded(language, said):
    found = Investigation("real", 12, 1, (RuledOut("chance", "<b>Zufall"),), SPENT, {})
    html = folded(found, language)
    assert html.startswith("<details><summary>")
    assert said in html
    assert "12 kB" in html
    assert "&lt;b&gt;Zufall" in html
