"""Looks at a few rows in memory: which form do texts have, and what does it tell about persons?"""

from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from catalog.value_shapes import CLASSES, Shape, common_shape
from connectors.clock import Cancellation, Deadline
from connectors.schema import Column, Table
from connectors.silos.base import Connector

ROWS = 200
MOST_COLUMNS = 80
LONGEST = 400


def with_shapes(
    connector: Connector, table: Table, deadline: Deadline, cancellation: Cancellation
) -> tuple[Table, dict[str, Shape]]:
    """The table with classes its values tell, and the form of each text column that has one.

    A class that names, comments or people told stays. No value outlives the call.

    Raises:
        SiloError: The silo failed, or the deadline passed.
    """
    texts = [column for column in table.columns if _is_text(column)][:MOST_COLUMNS]
    if not texts:
        return table, {}
    sql = _sample(table, texts, connector.capabilities.dialect)
    schema = pa.schema([(column.name, pa.string()) for column in texts])
    values: dict[str, list[str]] = {column.name: [] for column in texts}
    with connector.read(sql, schema, deadline, cancellation) as batches:
        for batch in batches:
            for column, cells in zip(texts, batch.columns, strict=True):
                values[column.name] += [str(v)[:LONGEST] for v in cells.to_pylist() if v]
    shapes = {name: shape for name, cells in values.items() if (shape := common_shape(cells))}
    told = {name: CLASSES[shape] for name, shape in shapes.items() if shape in CLASSES}
    return replace(table, sensitivity={**told, **table.sensitivity}), shapes


def _is_text(column: Column) -> bool:
    return column.type == "VARCHAR"


def _sample(table: Table, columns: list[Column], dialect: str) -> str:
    """Texts as they are, cut, so that no long document travels."""
    source = exp.table_(table.name, db=table.schema, quoted=True)
    cut = [
        exp.alias_(
            exp.Substring(
                this=exp.cast(exp.column(c.name, quoted=True), "VARCHAR"),
                start=exp.Literal.number(1),
                length=exp.Literal.number(LONGEST),
            ),
            c.name,
            quoted=True,
        )
        for c in columns
    ]
    return exp.select(*cut).from_(source).limit(ROWS).sql(dialect)
