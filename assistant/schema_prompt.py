"""Renders the part of the catalog a question needs as compact text for a chat model.

Text that comes from silos (comments, names, values) is data: it is cut, stripped of control
characters, and never carries a cell of a personal or free-text column.
"""

import re

import sqlglot
from sqlglot import exp

from catalog.context import SchemaContext
from catalog.normalisers import normalise
from catalog.semantic_model import Dataset, Field, Metric, Relationship, Term
from connectors.schema import PERSONAL, Column, Table

DIALECT = "duckdb"
MAX_COMMENT = 80
MAX_VALUES = 12
MAX_VALUE = 40
MAX_COLUMNS = 40
FEWEST_MATCHES = 0.5
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def schema_text(context: SchemaContext, *, show_values: bool) -> str:
    """Tables, metrics, links, glossary and verified examples of a context, as Markdown."""
    parts = [
        ("Tables", [_table(table, context, show_values) for table in context.tables]),
        ("Metrics", [_metric(metric, context) for metric in context.metrics]),
        ("Links", [_link(link, context) for link in context.links if is_usable(link)]),
        ("Glossary", [_term(term) for term in context.terms]),
        ("Verified examples", _examples(context)),
    ]
    return "\n\n".join(f"## {title}\n" + "\n".join(lines) for title, lines in parts if lines)


def is_usable(link: Relationship) -> bool:
    """False for a link that nobody reviewed and that finds few partners."""
    return link.proposed is None or link.match_rate is None or link.match_rate >= FEWEST_MATCHES


def describe_table(table: Table, show_values: bool) -> str:
    """All columns of one table."""
    columns = "\n".join(f"- {_column(table, column, show_values)}" for column in table.columns)
    return f"{table.full_name}: {clean(table.comment)}\n{columns}"


def clean(text: str, limit: int = MAX_COMMENT) -> str:
    """One line without control, zero-width or direction characters, cut at `limit`."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _table(table: Table, context: SchemaContext, show_values: bool) -> str:
    datasets = [d for d in context.datasets if d.source == table.full_name]
    about = clean(table.comment)
    rows = f", ~{table.row_estimate} rows" if table.row_estimate is not None else ""
    if not datasets and table.row_estimate == 0 and table.stats:
        return f"{table.full_name}: empty" + (f". {about}" if about else "")
    alone = f" AS {datasets[0].name}" if len(datasets) == 1 else ""
    lines = [f"{table.full_name}{alone}{rows}" + (f": {about}" if about else "")]
    for dataset in datasets:
        lines += _dataset(dataset, several=len(datasets) > 1)
    fields = {f.expression: f for dataset in reversed(datasets) for f in dataset.fields}
    for column in table.columns[:MAX_COLUMNS]:
        field = fields.get(column.name)
        told = _column(table, column, show_values, field, context.language)
        lines.append(f"  {told}")
    if len(table.columns) > MAX_COLUMNS:
        lines.append(f"  and {len(table.columns) - MAX_COLUMNS} more: call describe_table")
    return "\n".join(lines)


def _dataset(dataset: Dataset, *, several: bool) -> list[str]:
    """What a row is and which rows count, where the model says so."""
    told = [clean(dataset.description, 2 * MAX_COMMENT)] if dataset.description else []
    if dataset.always:
        told.append(f"row condition: {dataset.always}")
    if dataset.latest:
        keys, order = dataset.latest
        told.append(f"only the newest row per ({', '.join(keys)}) by {order} counts")
    name = f"AS {dataset.name}: " if several else ""
    return [f"  {name}{'; '.join(told)}"] if told or several else []


def _column(
    table: Table,
    column: Column,
    show_values: bool,
    field: Field | None = None,
    language: str = "en",
) -> str:
    text = f"{column.name} {column.type}"
    if column.name in table.primary_key:
        text += " key"
    label = field.labels.get(language) if field and not field.proposed else None
    if label and label.lower() != column.name.lower():
        text += f" ({clean(label)})"
    codes = _codes(field, language) if field else ""
    if codes:
        return f"{text} codes: {codes}"
    if column.comment:
        text += f" -- {clean(column.comment)}"
    return text + (_values(table, column) if show_values else "")


def _codes(field: Field, language: str) -> str:
    """What codes mean, unless every code says it itself."""
    meant = {
        code: labels.get(language) or labels.get("en", "") for code, labels in field.codes.items()
    }
    if all(code.casefold() == meaning.casefold() for code, meaning in meant.items()):
        return ""
    return " ".join(f"{code}={clean(meaning)}" for code, meaning in meant.items())


def _values(table: Table, column: Column) -> str:
    """Category values, and how many are left out."""
    stats = table.stats.get(column.name)
    if not stats or not stats.values or table.sensitivity.get(column.name) in PERSONAL:
        return ""
    shown = ", ".join(repr(clean(value, MAX_VALUE)) for value in stats.values[:MAX_VALUES])
    more = len(stats.values) - MAX_VALUES
    return f" [{shown}" + (f" and {more} more]" if more > 0 else "]")


def _metric(metric: Metric, context: SchemaContext) -> str:
    labels = " / ".join(dict.fromkeys(metric.labels.values()))
    unit = f" [{metric.unit}]" if metric.unit else ""
    mark = " (proposed)" if metric.proposed else ""
    text = f"{metric.name} ({labels}){unit}{mark} = {spelled(metric.expression, context)}"
    if metric.time:
        text += f"; time {spelled(metric.time, context)}"
    conditions = _row_conditions(metric, context)
    text += f"; rows: {conditions}" if conditions else ""
    return text + (f"; {clean(metric.description, 120)}" if metric.description else "")


def _row_conditions(metric: Metric, context: SchemaContext) -> str:
    """The row conditions of the tables a formula reads."""
    tree = exp.Paren(this=sqlglot.parse_one(metric.expression, dialect=DIALECT))
    names = {column.table for column in tree.find_all(exp.Column)}
    used = [d for d in context.datasets if d.name in names and d.always]
    return " AND ".join(_qualified(str(d.always), d.name) for d in used)


def _link(link: Relationship, context: SchemaContext) -> str:
    """The join as it has to be written, from the many to the one."""
    sides = zip(link.from_columns, link.to_columns, strict=True)
    conditions = " AND ".join(
        " = ".join(
            normalise(link.normaliser, spelled(f"{dataset}.{column}", context))
            for dataset, column in ((link.from_dataset, left), (link.to_dataset, right))
        )
        for left, right in sides
    )
    one = next((d for d in context.datasets if d.name == link.to_dataset), None)
    if one is not None and one.always:
        conditions += f" AND {_qualified(one.always, one.name)}"
    mark = " (proposed)" if link.proposed else ""
    text = f"{link.from_dataset} many-to-one {link.to_dataset} ON {conditions}{mark}"
    return text + (f"; {link.match_rate:.0%} match" if link.match_rate is not None else "")


def spelled(expression: str, context: SchemaContext) -> str:
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
    """A word with its meaning; what it stands for only where a person tied it."""
    tie = f" (metric {term.metric})" if term.metric else f" ({term.sql})" if term.sql else ""
    tie = "" if term.proposed else tie
    return f"{' / '.join(term.forms)}: {clean(term.meaning, 200)}{tie}"


def _examples(context: SchemaContext) -> list[str]:
    return [
        f"{question.question.get(context.language) or next(iter(question.question.values()))}\n"
        f"  {question.sql}"
        for question in context.verified[:3]
    ]
