"""Rows of an answer as CSV that a spreadsheet opens without running anything."""

import csv
import io
from urllib.parse import quote

from assistant.answer import Answer
from assistant.answer_json import plain

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(answer: Answer) -> str:
    """Header and rows; a text that a spreadsheet would read as a formula gets an apostrophe."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(_harmless(column.name) for column in answer.columns)
    writer.writerows([_harmless(plain(value)) for value in row] for row in answer.rows)
    return target.getvalue()


def to_data_uri(answer: Answer) -> str:
    """The CSV as a link target; nothing is written to a disk."""
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + to_csv(answer))


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
