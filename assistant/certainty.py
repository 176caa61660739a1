"""How sure a chat model's draft is, from what can be seen of it, with the reasons.

A model says everything with the same conviction, a weak one too. So a draft is sure only as far as
it stands on what people have defined: the formula of a reviewed metric, stored values, declared
links, and no objection left.
"""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from assistant.checks import Review
from assistant.drafting import Drafted
from assistant.language import format_value, text
from assistant.schema_prompt import spelled
from catalog.context import SchemaContext
from catalog.semantic_model import Language, Metric

DIALECT = "duckdb"
BASE = 0.9
PER_REPAIR = 0.85
DOUBTED = 0.5
OWN_FORMULA = 0.65
CORRECTED = 0.95
MANY_TABLES, PER_TABLE = 3, 0.95


def judge(
    drafted: Drafted, language: Language, agreement: float | None = None
) -> tuple[float, tuple[str, ...]]:
    """Certainty from 0 to 1, and why it is not higher, in the asker's language.

    `agreement` is the share of drafts that agree with this one; None when there was no other.
    """
    value, reasons = BASE, [text("certainty.model", language)]
    if agreement is not None:
        value *= agreement
        share = format_value(100 * agreement, "percent", language)
        reasons.append(text("certainty.agreement", language, details=share))
    for factor, key, details in _findings(drafted):
        value *= factor
        reasons.append(text(f"certainty.{key}", language, details=details))
    return round(value, 3), tuple(reasons)


def _findings(drafted: Drafted) -> Iterator[tuple[float, str, str]]:
    """(factor, key of the reason, its details) of all that can be seen."""
    review = drafted.review
    if review is None:
        return
    if drafted.repairs:
        yield PER_REPAIR**drafted.repairs, "repaired", str(drafted.repairs)
    if drafted.doubts:
        yield DOUBTED, "doubted", str(len(drafted.doubts))
    if not any(uses(review, metric, drafted.context) for metric in drafted.context.metrics):
        yield OWN_FORMULA, "own_formula", ""
    if review.corrected:
        yield CORRECTED, "corrected", ", ".join(review.corrected)
    more = len(review.bound.tables) - MANY_TABLES
    if more > 0:
        yield PER_TABLE**more, "tables", str(len(review.bound.tables))
    if review.added:
        yield 1.0, "added", "; ".join(review.added)


def uses(review: Review, metric: Metric, context: SchemaContext) -> bool:
    """True when every aggregate of a reviewed metric's formula stands in the statement.

    A metric made of others is used when all of theirs are. Aliases do not count.
    """
    if metric.proposed:
        return False
    statement = _bare(review.bound.tree)
    aggregates = list(_aggregates(metric, context))
    return bool(aggregates) and all(aggregate in statement for aggregate in aggregates)


def _aggregates(metric: Metric, context: SchemaContext) -> Iterator[str]:
    known = {other.name: other for other in context.metrics}
    tree = sqlglot.parse_one(f"SELECT {spelled(metric.expression, context)}", dialect=DIALECT)
    yield from (_bare(aggregate) for aggregate in tree.find_all(exp.AggFunc))
    for column in tree.find_all(exp.Column):
        part = known.get(column.name)
        if not column.table and part is not None and part is not metric:
            yield from _aggregates(part, context)


def _bare(tree: exp.Expr) -> str:
    """SQL without the aliases before columns."""
    copied = tree.copy()
    for column in copied.find_all(exp.Column):
        column.set("table", None)
    return str(copied.sql(DIALECT)).lower()
