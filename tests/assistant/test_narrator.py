"""A model says a result without seeing a text cell, and nothing it invents is passed on."""

import pyarrow as pa
import pytest

from assistant.chat_model import ChatModel
from assistant.narrator import Told, profile, tell
from connectors.config import ModelSettings
from connectors.errors import ModelReplyInvalid
from connectors.query import OutputColumn, QueryResult, Receipt
from tests.scripted_model import Scripted, scripted_endpoint

SQL = "SELECT k.region AS region, SUM(k.x) AS revenue FROM crm.main.k AS k GROUP BY k.region"
REGIONS = {"region": ["Zürich", "Bern"], "revenue": [1200, 800]}
COLUMNS = (
    OutputColumn("region", "VARCHAR", label="Region"),
    OutputColumn("revenue", "BIGINT", "CHF", "Umsatz"),
)


def result(sql: str = SQL, values=REGIONS, columns=COLUMNS, truncated: bool = False) -> QueryResult:
    return QueryResult(pa.table(values), columns, sql, Receipt((), "e", 0), truncated)


def told(*pieces: str) -> tuple[Told, list[str], list[dict]]:
    seen: list[str] = []
    known = profile(result(), "de")
    assert known is not None
    with scripted_endpoint(Scripted(" ".join(pieces))) as endpoint:
        chat = ChatModel(ModelSettings(base_url=endpoint.url, api_key="k", chat="scripted"))
        return tell(chat, "Umsatz nach Region?", known, "de", seen.append), seen, endpoint.requests


def test_the_profile_has_figures_and_totals_but_no_text_cell():
    known = profile(result(), "de")
    assert known is not None
    assert "[r1c1] | CHF 1’200" in known.text
    assert "Fact: total of Umsatz: CHF 2’000" in known.text
    assert "Zürich" not in known.text
    assert known.labels[1, 1] == "Zürich"


def test_labels_are_filled_in_behind_the_model():
    found, _, requests = told("[r1c1] bringt mit 1200 CHF am meisten.")
    assert found.text == "Zürich bringt mit 1200 CHF am meisten."
    assert "Zürich" not in str(requests)


@pytest.mark.parametrize(
    "sentence",
    [
        "[r1c1] liegt 50 Prozent höher.",
        "Im Schnitt sind es 1000 CHF.",
        "[r7c1] ist am schwächsten.",
        "[r1c2] ist keine Beschriftung.",
    ],
)
def test_a_sentence_with_a_number_or_place_of_its_own_is_dropped(sentence):
    found, _, _ = told("[r1c1] führt mit 1200 CHF.", sentence, "Zusammen sind es 2000 CHF.")
    assert found.text == "Zürich führt mit 1200 CHF. Zusammen sind es 2000 CHF."
    assert found.dropped == (sentence,)


def test_sentences_are_passed_on_as_they_arrive_and_only_checked_ones():
    _, seen, _ = told("[r1c1] führt mit 1200 CHF.", "Gewinn 7.", "[r2c1] folgt mit 800 CHF.")
    assert seen == [
        "Zürich führt mit 1200 CHF.",
        "Zürich führt mit 1200 CHF. Bern folgt mit 800 CHF.",
    ]


def test_a_failing_model_is_an_error_for_the_caller():
    known = profile(result(), "de")
    assert known is not None
    with scripted_endpoint(Scripted("halb", cut=True)) as endpoint:
        chat = ChatModel(ModelSettings(base_url=endpoint.url, api_key="k", chat="scripted"))
        with pytest.raises(ModelReplyInvalid):
            tell(chat, "?", known, "de")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT k.region AS region, k.x AS revenue FROM crm.main.k AS k",
        "SELECT k.region AS region, MAX(k.x) AS revenue FROM crm.main.k AS k GROUP BY k.region",
        "WITH c AS (SELECT k.region, k.x FROM crm.main.k AS k) "
        "SELECT c.region AS region, c.x AS revenue FROM c AS c",
    ],
)
def test_rows_of_things_and_single_values_are_not_for_a_model(sql):
    assert profile(result(sql), "de") is None


def test_figures_computed_in_a_cte_are_figures():
    sql = (
        "WITH c AS (SELECT k.region AS region, SUM(k.x) AS n FROM crm.main.k AS k GROUP BY 1) "
        "SELECT c.region AS region, 100.0 * c.n AS revenue FROM c AS c"
    )
    assert profile(result(sql), "de") is not None


@pytest.mark.parametrize(
    "options", [{"truncated": True}, {"values": {"region": [], "revenue": []}}]
)
def test_cut_and_empty_results_are_left_to_the_templates(options):
    assert profile(result(**options), "de") is None
