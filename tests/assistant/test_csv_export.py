"""CSV: umlauts kept, formulas neutralised."""

import csv
import io
from urllib.parse import unquote

from assistant.answer import Answer, ModelUse
from assistant.csv_export import to_csv, to_data_uri
from connectors.query import OutputColumn


def test_csv_neutralises_formulas_and_keeps_umlauts():
    columns = (OutputColumn("name", "VARCHAR"), OutputColumn("n", "INT"))
    rows = (("=1+1", -3), ("Zürich", 1))
    model = ModelUse("semantic")
    made = Answer("answered", "?", "de", "!", "t", model, columns=columns, rows=rows)
    found = list(csv.reader(io.StringIO(to_csv(made))))
    assert found == [["name", "n"], ["'=1+1", "-3"], ["Zürich", "1"]]
    assert unquote(to_data_uri(made)).endswith(to_csv(made))
