"""Bytes rows take on the wire, counted from their Arrow form, where the driver does not tell them.

PostgreSQL sends rows as binary COPY: a fixed frame for each row and value, so that the size follows
from types, nulls and lengths of texts; widths of decimals are taken from a sample of each batch.
MariaDB's connector counts what comes in. Silos that are files have no wire: there it is the size of
the Arrow data.
"""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE = 200
COPY_ROW, COPY_VALUE = 7, 4
FRAMES = {"postgres": (166, 21, 1)}  # of a result; of a column; of a letter of its name
Width = Callable[[pa.Array], int]


def wire_bytes(batch: pa.RecordBatch, dialect: str) -> int:
    """Bytes these rows took from a silo of this dialect, without what stands around them."""
    if dialect == "postgres":
        each = COPY_ROW + COPY_VALUE * int(batch.num_columns)
        return int(batch.num_rows) * each + sum(map(_copied, batch.columns))
    return int(batch.nbytes)


def frame_bytes(columns: Sequence[str], dialect: str) -> int:
    """Bytes around the rows of one statement: the answer's start and end, names of columns."""
    if dialect not in FRAMES:
        return 0
    fixed, each, letter = FRAMES[dialect]
    return fixed + sum(each + letter * len(name) for name in columns)


def _copied(column: pa.Array) -> int:
    """Values of a column in PostgreSQL's binary COPY, without their frames."""
    kind, count = column.type, len(column) - int(column.null_count)
    if _is_text(kind):
        return _text_bytes(column)
    if pa.types.is_decimal(kind):
        return _sampled(column, _numeric_bytes)
    if pa.types.is_boolean(kind):
        return count
    if pa.types.is_date(kind):
        return 4 * count
    return 0 if pa.types.is_null(kind) else count * (int(kind.bit_width) // 8)


def _numeric_bytes(values: pa.Array) -> int:
    """8 bytes and 2 for each group of four digits from the first to the last that is not 0."""
    total = 0
    for value in values.to_pylist():
        whole, _, rest = f"{abs(value):f}".partition(".")
        groups = (whole.zfill(-(-len(whole) // 4) * 4), rest.ljust(-(-len(rest) // 4) * 4, "0"))
        text = "".join(groups)
        parts = [text[i : i + 4] != "0000" for i in range(0, len(text), 4)]
        used = len(parts) - parts.index(True) - parts[::-1].index(True) if any(parts) else 0
        total += 8 + 2 * used
    return total


def _sampled(column: pa.Array, width: Width) -> int:
    """The width of all values, from some spread evenly over the column."""
    step = len(column) // SAMPLE | 1  # odd: values often repeat in even steps
    some = column.take(pa.array(range(0, len(column), step), pa.int64())) if step > 1 else column
    values = some.drop_null()
    if not len(values):
        return 0
    return round(width(values) * (len(column) - int(column.null_count)) / len(values))


def _text_bytes(column: pa.Array) -> int:
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


def _is_text(kind: pa.DataType) -> bool:
    return any(
        check(kind) for check in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    )
