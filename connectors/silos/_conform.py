"""Brings rows to exactly the asked types, lossless or not at all."""

import json
import uuid
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import SiloQueryFailed

_ARROW_ERRORS = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OverflowError)


def conform(batch: pa.RecordBatch, schema: pa.Schema, silo: str) -> pa.RecordBatch:
    """The batch with each column in the asked type and name.

    Raises:
        SiloQueryFailed: A value does not fit, naming its column.
    """
    if batch.schema.equals(schema):
        return batch
    columns: list[pa.Array] = []
    for have, field in zip(batch.schema, schema, strict=True):
        padded = (have.metadata or {}).get(b"POSTGRESQL:type") == b"bpchar"
        column = batch.column(len(columns))
        columns.append(conform_column(column, field, silo, padded=padded))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def conform_column(
    column: pa.Array, field: pa.Field, silo: str, *, padded: bool = False
) -> pa.Array:
    """One column in the asked type; `padded` text loses the blanks of a CHAR column."""
    try:
        plain = _plain(column)
        if padded:
            plain = pc.utf8_rtrim(plain, characters=" ")
        return plain if plain.type.equals(field.type) else _cast(plain, field.type)
    except _ARROW_ERRORS as error:
        message = f"column {field.name!r} holds a value that does not fit {field.type}: {error}"
        raise SiloQueryFailed(message, silo=silo) from error


def from_texts(values: Sequence[object], field: pa.Field, silo: str) -> pa.Array:
    """A column from a driver's own values: texts are parsed, others must already fit."""
    try:
        if pa.types.is_string(field.type):
            return pa.array([_text(value) for value in values], type=field.type)
        if pa.types.is_binary(field.type):
            return pa.array(values, type=field.type)
        if any(isinstance(value, str) for value in values):
            texts = [value if value is None else str(value) for value in values]
            return _cast(pa.array(texts, type=pa.string()), field.type)
        if pa.types.is_decimal(field.type):
            return _cast(pa.array([_text(value) for value in values]), field.type)
        if pa.types.is_boolean(field.type):
            return pa.array([None if v is None else _truth(v) for v in values], type=field.type)
        return pa.array(values, type=field.type)
    except (*_ARROW_ERRORS, TypeError, ValueError) as error:
        message = f"column {field.name!r} holds a value that does not fit {field.type}: {error}"
        raise SiloQueryFailed(message, silo=silo) from error


def from_views(values: pa.Array, field: pa.Field, silo: str) -> pa.Array:
    """A column from texts as a server wrote them, given as views of their bytes."""
    try:
        if pa.types.is_binary(field.type):
            return pc.cast(values, field.type)
        texts = pc.cast(values, pa.string())
        return texts if pa.types.is_string(field.type) else _cast(texts, field.type)
    except _ARROW_ERRORS as error:
        message = f"column {field.name!r} holds a value that does not fit {field.type}: {error}"
        raise SiloQueryFailed(message, silo=silo) from error


def batch_of(rows: Sequence[Sequence[object]], schema: pa.Schema, silo: str) -> pa.RecordBatch:
    """A batch from row tuples."""
    columns: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [
        from_texts(values, field, silo) for values, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _text(value: object) -> str | None:
    """A driver's value as text; a document it has parsed becomes JSON again."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _truth(value: object) -> bool:
    if value in (0, 1):
        return bool(value)
    raise ValueError(f"{value!r} is neither true nor false")


def _plain(column: pa.Array) -> pa.Array:
    """An extension array's storage; UUID bytes as text."""
    if isinstance(column, pa.ExtensionArray):
        storage = column.storage
        if pa.types.is_fixed_size_binary(storage.type) and storage.type.byte_width == 16:
            texts = [None if v is None else str(uuid.UUID(bytes=v)) for v in storage.to_pylist()]
            return pa.array(texts, type=pa.string())
        return storage
    return column


def _cast(column: pa.Array, target: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(target) and pa.types.is_integer(column.type):
        if not pc.all(pc.is_in(column, pa.array([0, 1, None], type=column.type))).as_py():
            raise pa.ArrowInvalid("a number other than 0 and 1 is not a boolean")
    elif pa.types.is_boolean(target) and pa.types.is_string(column.type):
        return _cast(pc.cast(column, pa.int8()), target)
    if pa.types.is_decimal(target) and pa.types.is_floating(column.type):
        return pc.cast(pc.cast(column, pa.string()), target)
    if pa.types.is_decimal(target) and pa.types.is_integer(column.type):
        return pc.cast(pc.cast(column, pa.string()), target)
    if pa.types.is_timestamp(target) and target.tz and pa.types.is_string(column.type):
        return _utc_texts(column, target)
    if pa.types.is_time(target) and pa.types.is_string(column.type):
        moments = pc.binary_join_element_wise("1970-01-01 ", column, "")
        return pc.cast(pc.cast(moments, pa.timestamp(target.unit)), target)
    return pc.cast(column, target)


def _utc_texts(column: pa.Array, target: pa.DataType) -> pa.Array:
    """Moments as text; without an offset they are UTC, as every session is."""
    try:
        naive = pc.cast(column, pa.timestamp(target.unit))
    except pa.ArrowInvalid:
        return pc.cast(column, target)
    return pc.assume_timezone(naive, "UTC")
