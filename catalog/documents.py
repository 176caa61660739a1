"""What can be found: a short text per table, group of columns, metric, term and checked question.

Texts hold names, comments and meanings, never a value of a row.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.semantic_model import Dataset, Field, Metric, SemanticModel, Term, VerifiedQuestion
from catalog.words import words
from connectors.schema import Column, SiloSchema, Table

COLUMNS_PER_DOCUMENT = 24
FEWEST_FOR_PREFIX = 5
LONGEST_COMMENT = 300
# The local model takes a millisecond per token; what a text is about stands at its beginning.
LONGEST_PASSAGE = 300
LONGEST_BARE_PASSAGE = 150
# Columns nearly every table has tell nothing about it.
COMMON_COLUMNS = frozenset(
    [
        "id",
        "uuid",
        "created_at",
        "updated_at",
        "deleted_at",
        "created",
        "updated",
        "modified",
        "createdat",
        "updatedat",
        "deleted",
        "created_by",
        "updated_by",
        "created_by_id",
        "modified_by_id",
        "date_entered",
        "date_modified",
        "date_added",
        "date_created",
        "modified_user_id",
        "assigned_user_id",
        "_fivetran_synced",
        "_fivetran_deleted",
        "_fivetran_id",
        "_fivetran_active",
        "workspace_id",
        "workspaceid",
        "metadata",
    ]
)


@dataclass(frozen=True)
class Document:
    """Something a question may be about.

    Attributes:
        kind: table, columns, metric, term or question.
        name: What it is called; for columns their table's full name.
        names: Words it goes by; they weigh more than the text.
        text: Its description, for people and for the embedding.
        meaning: Worth an embedding: names alone are found by their words.
        passage: What is embedded; the text when empty.
        tables: Lower-case full names of all tables it speaks of: who may read them may find it.
    """

    kind: str
    name: str
    names: tuple[str, ...]
    text: str
    tables: frozenset[str] = frozenset()
    meaning: bool = True
    passage: str = ""


def documents(schema: SiloSchema, model: SemanticModel) -> tuple[Document, ...]:
    """All documents of a catalog, in a stable order."""
    by_source: dict[str, list[Dataset]] = {}
    for dataset in model.datasets.values():
        by_source.setdefault(dataset.source.lower(), []).append(dataset)
    made: list[Document] = []
    prefixes = table_prefixes(schema)
    for table in schema:
        prefix = prefixes.get(table.silo, "")
        made += _of_table(table, by_source.get(table.full_name.lower(), ()), prefix)
    made += (_of_metric(metric, model) for metric in model.metrics.values())
    made += (_of_term(term, schema, model) for term in model.glossary)
    made += (_of_question(question, schema) for question in model.verified_questions)
    return tuple(made)


def metric_tables(metric: Metric, model: SemanticModel) -> frozenset[str]:
    """Lower-case full names of the tables a metric reads, through derived metrics too."""
    parts = [metric, *(model.metrics[name] for name in metric_inputs(metric.name, model))]
    columns = (column for part in parts for column in _columns_of(part.expression))
    names = (column.table for column in columns if column.table in model.datasets)
    return frozenset(model.datasets[name].source.lower() for name in names)


def metric_inputs(name: str, model: SemanticModel) -> tuple[str, ...]:
    """Names of the metrics a metric is made of, at any depth, without itself."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for column in _columns_of(model.metrics[waiting.pop()].expression):
            known = not column.table and column.name in model.metrics
            if known and column.name not in found and column.name != name:
                found[column.name] = None
                waiting.append(column.name)
    return tuple(found)


def _columns_of(expression: str) -> Iterator[exp.Column]:
    return sqlglot.parse_one(f"SELECT {expression}", dialect="duckdb").find_all(exp.Column)


def table_prefixes(schema: SiloSchema) -> dict[str, str]:
    """What most table names of a silo begin with, such as ``oc_``: it names none of them."""
    names: dict[str, list[str]] = {}
    for table in schema:
        names.setdefault(table.silo, []).append(table.name)
    found: dict[str, str] = {}
    for silo, listed in names.items():
        firsts = Counter(name.partition("_")[0] for name in listed if "_" in name)
        prefix, count = firsts.most_common(1)[0] if firsts else ("", 0)
        if len(listed) >= FEWEST_FOR_PREFIX and count > len(listed) / 2:
            found[silo] = f"{prefix}_"
    return found


def _of_table(table: Table, datasets: Sequence[Dataset], prefix: str) -> Iterator[Document]:
    """A table's documents; where several datasets read it, it goes by the words of all."""
    dataset = datasets[0] if datasets else None
    called = [word for item in datasets for word in _words(item)]
    names = (table.name, *called)
    if prefix and table.name.startswith(prefix):
        names = (table.name.removeprefix(prefix), *names)
    described = (table.comment[:LONGEST_COMMENT], dataset.description if dataset else "")
    columns = ", ".join(column.name for column in table.columns[:COLUMNS_PER_DOCUMENT])
    also = ", ".join(called)
    text = _sentences(f"{table.full_name}: {also}" if also else table.full_name, *described)
    tables = frozenset({table.full_name.lower()})
    passage = _passage(table, described, also)
    yield Document(
        "table", table.full_name, names, f"{text}. Columns: {columns}", tables, passage=passage
    )
    for start in range(0, len(table.columns), COLUMNS_PER_DOCUMENT):
        group = table.columns[start : start + COLUMNS_PER_DOCUMENT]
        yield _of_columns(table, group, dataset)


def _passage(table: Table, described: Sequence[str], also: str) -> str:
    """The table in plain words, names parted, so that a model of language can read them."""
    telling = (c.name for c in table.columns if c.name.lower() not in COMMON_COLUMNS)
    columns = ", ".join(" ".join(words(name)) for name in telling)
    name = " ".join((*words(table.silo), *words(table.name)))
    about = _sentences(f"{name}: {also}" if also else name, *described)
    longest = LONGEST_PASSAGE if also or any(described) else LONGEST_BARE_PASSAGE
    return f"{about}. {columns}"[:longest]


def _of_columns(table: Table, columns: Sequence[Column], dataset: Dataset | None) -> Document:
    fields = {
        item.expression.strip('"').lower(): item for item in (dataset.fields if dataset else ())
    }
    parts, names = [], []
    for column in columns:
        words = _field_words(fields.get(column.name.lower()))
        names += [column.name, *words]
        about = ", ".join(filter(None, (*words, column.comment[:LONGEST_COMMENT])))
        parts.append(f"{column.name} ({about})" if about else column.name)
    text = f"Columns of {table.full_name}: {'; '.join(parts)}"
    described = len(names) > len(columns) or any(column.comment for column in columns)
    tables = frozenset({table.full_name.lower()})
    return Document("columns", table.full_name, tuple(names), text, tables, described)


def _words(part: Dataset | Metric | None) -> tuple[str, ...]:
    return () if part is None else (part.name, *part.labels.values(), *part.synonyms)


def _field_words(item: Field | None) -> tuple[str, ...]:
    if item is None:
        return ()
    codes = (label for labels in item.codes.values() for label in labels.values())
    words = (item.name, *item.labels.values(), *item.synonyms, item.description, *codes)
    return tuple(dict.fromkeys(word for word in words if word))


def _of_metric(metric: Metric, model: SemanticModel) -> Document:
    names = _words(metric)
    text = _sentences(f"{metric.name}: {', '.join(names[1:])}", metric.description)
    return Document("metric", metric.name, names, text, metric_tables(metric, model))


def _of_term(term: Term, schema: SiloSchema, model: SemanticModel) -> Document:
    tables: frozenset[str] = frozenset()
    if term.metric is not None:
        tables |= metric_tables(model.metrics[term.metric], model)
    if term.sql is not None:
        tables |= _prefixes(_columns_of(term.sql), schema)
    name = " / ".join(term.forms)
    return Document("term", name, term.forms, f"{name}: {term.meaning}", tables)


def _prefixes(columns: Iterable[exp.Column], schema: SiloSchema) -> frozenset[str]:
    """Tables named before columns, such as ``crm.public.kunden`` of its ``segment``."""
    names = (".".join(part.name for part in column.parts[:-1]) for column in columns)
    return _resolved((name for name in names if name), schema)


def _resolved(names: Iterable[str], schema: SiloSchema) -> frozenset[str]:
    """Lower-case full names; a name the schema does not know stays, so nobody may read it."""
    found: set[str] = set()
    for name in names:
        found.update(table.full_name.lower() for table in schema.find(name))
        if not schema.find(name):
            found.add(name.lower())
    return frozenset(found)


def _of_question(question: VerifiedQuestion, schema: SiloSchema) -> Document:
    texts = tuple(dict.fromkeys(question.question.values()))
    tables = question_tables(question.sql, schema)
    return Document("question", texts[0], texts, " / ".join(texts), tables)


def question_tables(sql: str, schema: SiloSchema) -> frozenset[str]:
    """Lower-case full names of the tables a SELECT reads, its own WITH names left out."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError:
        return frozenset()
    local = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    names = (".".join(part.name for part in node.parts) for node in tree.find_all(exp.Table))
    return _resolved((name for name in names if name.lower() not in local), schema)


def _sentences(*parts: str) -> str:
    return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())
