"""A figure over no rows: a refusal that names the days the data cover, never a blank figure."""

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.language import format_value, text
from catalog.semantic_model import Language, SemanticModel
from connectors.query import QueryResult
from connectors.schema import SiloSchema


def is_blank(result: QueryResult) -> bool:
    """True when the only row holds no value at all: sums and averages of no rows."""
    table = result.table
    return (
        table.num_rows == 1
        and not result.missing_silos
        and all(column.null_count for column in table.columns)
    )


def blank_text(
    tables: Sequence[str], model: SemanticModel, schema: SiloSchema, language: Language
) -> str:
    """That there are no data, and from when to when the tables asked have some."""
    said = [text("refused.no_data", language), *_covered(tables, model, schema, language)]
    return "\n".join(said)


def _covered(
    tables: Sequence[str], model: SemanticModel, schema: SiloSchema, language: Language
) -> Iterator[str]:
    asked = {name.lower() for name in tables}
    for dataset in model.datasets.values():
        if dataset.source.lower() not in asked:
            continue
        label = dataset.labels.get(language, dataset.name)
        for field in dataset.fields:
            days = _days(schema, dataset.source, field.expression) if field.is_time else None
            if days is None:
                continue
            first, last = (format_value(day, None, language) for day in days)
            name = f"{label} ({field.labels.get(language, field.name)})"
            yield text("refused.covered", language, name=name, first=first, last=last)


def _days(schema: SiloSchema, source: str, expression: str) -> tuple[date, date] | None:
    """The first and the last day of a time column; None when the catalog does not know them."""
    table = schema.tables.get(source.lower())
    column = table.column(expression.strip('"')) if table is not None else None
    stats = table.stats.get(column.name) if table is not None and column is not None else None
    if stats is None or stats.minimum is None or stats.maximum is None:
        return None
    try:
        return date.fromisoformat(stats.minimum[:10]), date.fromisoformat(stats.maximum[:10])
    except ValueError:
        return None
