"""Families of types, as far as push-down tells them apart."""

from sqlglot import exp

DType = exp.DType
KINDS: dict[exp.DType, str] = {
    DType.TINYINT: "int", DType.SMALLINT: "int", DType.INT: "int", DType.BIGINT: "int",
    DType.INT128: "int", DType.UTINYINT: "unsigned", DType.USMALLINT: "unsigned",
    DType.UINT: "unsigned", DType.UBIGINT: "unsigned", DType.DECIMAL: "decimal",
    DType.FLOAT: "float", DType.DOUBLE: "double", DType.VARCHAR: "text", DType.TEXT: "text",
    DType.CHAR: "text", DType.DATE: "date", DType.TIMESTAMP: "timestamp",
    DType.TIMESTAMPNTZ: "timestamp", DType.TIMESTAMPTZ: "timestamptz", DType.BOOLEAN: "boolean",
    DType.UUID: "uuid", DType.NULL: "null",
}  # fmt: skip
NUMBERS = frozenset({"int", "unsigned", "decimal", "double"})
MOMENTS = frozenset({"date", "timestamp", "timestamptz"})
OTHER = "other"


def kind_of(node: exp.Expr) -> str:
    """The family of an expression's type; ``other`` when unknown."""
    while isinstance(node, (exp.Paren, exp.Alias)):
        node = node.this
    if isinstance(node, exp.Literal) and not node.is_string and "e" not in node.this.lower():
        return "decimal" if "." in node.this else "int"
    kind = node.type
    return KINDS.get(kind.this, OTHER) if isinstance(kind, exp.DataType) else OTHER


def comparable(left: str, right: str) -> bool:
    """True when two families compare alike in every silo that may compare them at all."""
    if "null" in (left, right):
        return True
    if left in MOMENTS and right in MOMENTS:
        return True
    if left in NUMBERS and right in NUMBERS:
        return True
    return left == right and left not in (OTHER, "float")
