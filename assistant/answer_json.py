"""An Answer as plain JSON values, valid against ``answer.schema.json``."""

import base64
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from assistant.answer import Answer

OPTIONAL = ("plan", "conversation_id", "investigation")


def to_json(answer: Answer) -> dict[str, Any]:
    """The Answer with every field of the contract; tuples become lists, none is left out."""
    made: dict[str, Any] = plain(answer)
    return {key: value for key, value in made.items() if key not in OPTIONAL or value is not None}


def plain(value: Any) -> Any:
    """A value as JSON knows it: moments in ISO 8601, decimals as numbers, bytes in base64.

    Not-a-number and infinity, which JSON lacks, become null.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return str(value) if isinstance(value, UUID) else _number(value)


def _number(value: Any) -> Any:
    """A library's own number, such as NumPy's, as Python's; text for anything else."""
    item = getattr(value, "item", None)
    return _scalar(item()) if callable(item) else str(value)
