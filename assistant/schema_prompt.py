"""Renders the part of the catalog a question needs as compact text for a chat model.

Text that comes from silos (comments, names, values) is data: it is cut, stripped of control
characters, and never carries a cell of a personal or free-text column.
"""

import re

import sqlglot
from sqlglot import exp

from catalog.context import SchemaContext
from catalog.normalisers import normalise
from catalog.semantic_model import Metric, Relationship, Term
from connectors.schema import PERSONAL, Column, Table

DIALECT = "duckdb"
MAX_COMMENT = 80
MAX_VALUES = 12
MAX_VALUE = 40
MAX_COLUMNS = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def schema_text(context: SchemaContext, *, show_values: bool) -> str:
    """Schema, metrics, links, glossary and verified examples of a context, as Markdown."""
    parts = [
        ("Schema", [_table(table, context, show_values) for table in context.tables]),
        ("Metrics", [_metric(metric, context) for metric in context.metrics]),
        ("Links", [_link(link, context) for link in context.links]),
        ("Glossary", [_term(term) for term in context.terms]),
        ("Verified examples", _examples(context)),
    ]
    return "\n\n".join(f"## {title}\n" + "\n".join(lines) for title, lines in parts if lines)


def describe_table(table: Table, show_values: bool) -> str:
    """All columns of one table."""
    columns = "\n".join(f"- {_column(table, column, show_values)}" for column in table.columns)
    return f"{table.full_name}: {clean(table.comment)}\n{columns}"


def clean(text: str, limit: int = MAX_COMMENT) -> str:
    """One line without control, zero-width or direction characters, cut at `limit`."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _table(table: Table, context: SchemaContext, show_values: bool) -> str:
    dataset = next((d for d in context.datasets if d.source == table.full_name), None)
    about = clean(dataset.description if dataset and dataset.description else table.comment)
    rows = f", ~{table.row_estimate} rows" if table.row_estimate is not None else ""
    alias = f" AS {dataset.name}" if dataset else ""
    lines = [f"{table.full_name}{alias}{rows}" + (f": {about}" if about else "")]
    if dataset and dataset.always:
        lines.append(f"  always: {dataset.always}")
    if dataset and dataset.latest:
        keys, order = dataset.latest
        lines.append(f"  only the newest row per ({', '.join(keys)}) by {order} counts")
    codes = {f.expression: f.codes for f in dataset.fields if f.codes} if dataset else {}
    for column in table.columns[:MAX_COLUMNS]:
        meaning = codes.get(column.name)
        coded = "".join(f" {key}={label.get('en', '')}" for key, label in (meaning or {}).items())
        lines.append(f"  {_column(table, column, show_values)}{coded}")
    return "\n".join(lines)


def _column(table: Table, column: Column, show_values: bool) -> str:
    text = f"{column.name} {column.type}"
    if column.comment:
        text += f" -- {clean(column.comment)}"
    stats = table.stats.get(column.name)
    personal = table.sensitivity.get(column.name) in PERSONAL
    if show_values and stats and stats.values and not personal:
        values = ", ".join(repr(clean(value, MAX_VALUE)) for value in stats.values[:MAX_VALUES])
        text += f" [{values}]"
    return text


def _metric(metric: Metric, context: SchemaContext) -> str:
    labels = " / ".join(dict.fromkeys([*metric.labels.values(), *metric.synonyms[:3]]))
    text = f"{metric.name} ({labels}) = {_spelled(metric.expression, context)}"
    if metric.time:
        text += f"; time {_spelled(metric.time, context)}"
    return text + (f"; unit {metric.unit}" if metric.unit else "")


def _link(link: Relationship, context: SchemaContext) -> str:
    """The join as it has to be written, from the many to the one."""
    sides = zip(link.from_columns, link.to_columns, strict=True)
    conditions = " AND ".join(
        " = ".join(
            normalise(link.normaliser, _spelled(f"{dataset}.{column}", context))
            for dataset, column in ((link.from_dataset, left), (link.to_dataset, right))
        )
        for left, right in sides
    )
    one = next((d for d in context.datasets if d.name == link.to_dataset), None)
    if one is not None and one.always:
        conditions += f" AND {_qualified(one.always, one.name)}"
    text = f"{link.from_dataset} many-to-one {link.to_dataset} ON {conditions}"
    return text + (f"; {link.match_rate:.0%} match" if link.match_rate is not None else "")


def _spelled(expression: str, context: SchemaContext) -> str:
    """An expression over ``dataset.field`` with the silo's columns, the dataset as their alias."""
    fields = {
        (dataset.name, field.name): field.expression
        for dataset in context.datasets
        for field in dataset.fields
    }
    holder = exp.Paren(this=sqlglot.parse_one(expression, dialect=DIALECT))
    for column in list(holder.find_all(exp.Column)):
        meant = fields.get((column.table, column.name))
        if meant is not None:
            tree = sqlglot.parse_one(_qualified(meant, column.table), dialect=DIALECT)
            column.replace(tree if isinstance(tree, exp.Column) else exp.Paren(this=tree))
    written: str = holder.this.sql(DIALECT)
    return written


def _qualified(expression: str, alias: str) -> str:
    """An expression with the alias before each column that has none."""
    tree = exp.Paren(this=sqlglot.parse_one(expression, dialect=DIALECT))
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(alias))
    written: str = tree.this.sql(DIALECT)
    return written


def _term(term: Term) -> str:
    tie = f" (metric {term.metric})" if term.metric else f" ({term.sql})" if term.sql else ""
    return f"{' / '.join(term.forms)}: {clean(term.meaning, 200)}{tie}"


def _examples(context: SchemaContext) -> list[str]:
    return [
        f"{question.question.get(context.language) or next(iter(question.question.values()))}\n"
        f"  {question.sql}"
        for question in context.verified[:3]
    ]
