"""What Apache Ossie 0.2 accepts, as a JSON Schema: its keys, what must be there, its word lists."""

from typing import Any

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DIALECTS = ["ANSI_SQL", "SNOWFLAKE", "MDX", "TABLEAU", "DATABRICKS", "MAQL", "BIGQUERY"]
DATATYPES = [
    "String", "Integer", "Decimal", "Float", "Boolean", "Date", "Time", "DateTime", "DateTimeTz",
    "Opaque",
]  # fmt: skip


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """A mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def many(of: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


CONTEXT = {
    "oneOf": [
        TEXT,
        {
            "type": "object",
            "properties": {"instructions": TEXT, "synonyms": TEXTS, "examples": TEXTS},
        },
    ]
}
EXTENSIONS = many(closed("vendor_name data", vendor_name=TEXT, data=TEXT))
EXPRESSION = closed(
    "dialects",
    dialects=many(closed("dialect expression", dialect={"enum": DIALECTS}, expression=TEXT), 1),
)
COMMON = {"name": TEXT, "ai_context": CONTEXT, "custom_extensions": EXTENSIONS}
FIELD = closed(
    "name expression",
    **COMMON,
    description=TEXT,
    expression=EXPRESSION,
    dimension=closed("", is_time={"type": "boolean"}),
    label=TEXT,
    datatype={"enum": DATATYPES},
)
DATASET = closed(
    "name source",
    **COMMON,
    description=TEXT,
    source=TEXT,
    primary_key=TEXTS,
    unique_keys=many(TEXTS),
    fields=many(FIELD),
)
RELATIONSHIP = closed(
    "name from to from_columns to_columns",
    **COMMON,
    **{"from": TEXT},
    to=TEXT,
    from_columns={**TEXTS, "minItems": 1},
    to_columns={**TEXTS, "minItems": 1},
)
METRIC = closed(
    "name expression",
    **COMMON,
    description=TEXT,
    expression=EXPRESSION,
    datatype={"enum": DATATYPES},
)
MODEL = closed(
    "name datasets",
    **COMMON,
    description=TEXT,
    datasets=many(DATASET, 1),
    relationships=many(RELATIONSHIP),
    metrics=many(METRIC),
)
OSSIE_SCHEMA = closed(
    "version semantic_model", version={"const": "0.2.0.dev0"}, semantic_model=many(MODEL)
)
