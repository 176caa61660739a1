"""Families of types, as far as push-down tells them apart."""

from typing import TypeVar

from sqlglot import exp

Node = TypeVar("Node", bound=exp.Expr)
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
INT_DIGITS = {DType.TINYINT: 3, DType.SMALLINT: 5, DType.INT: 10, DType.BIGINT: 19}
NUMBERS = frozenset({"int", "unsigned", "decimal", "double"})
MOMENTS = frozenset({"date", "timestamp", "timestamptz"})
OTHER = "other"
# What sqlglot gives no type, or another one than DuckDB.
TEXT_FUNCTIONS = (
    exp.Replace, exp.SplitPart, exp.Left, exp.Right, exp.RegexpReplace, exp.SHA2,
)  # fmt: skip
ROUNDED = (exp.Floor, exp.Ceil, exp.Round)


def kind_of(node: exp.Expr) -> str:
    """The family of an expression's type; ``other`` when unknown."""
    while isinstance(node, (exp.Paren, exp.Alias, exp.Nullif)):
        node = node.this
    if isinstance(node, exp.Literal) and not node.is_string and "e" not in node.this.lower():
        return "decimal" if "." in node.this else "int"
    if isinstance(node, exp.Null):
        return "null"
    if isinstance(node, TEXT_FUNCTIONS):
        return "text"
    if isinstance(node, ROUNDED):
        return "decimal" if kind_of(node.this) == "decimal" else OTHER
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


def size_of(kind: object) -> tuple[int, int] | None:
    """Digits before and after the point of a number type; None when it has no such limit."""
    if not isinstance(kind, exp.DataType):
        return None
    if kind.this in INT_DIGITS:
        return INT_DIGITS[kind.this], 0
    numbers = [part.this for part in kind.expressions if isinstance(part, exp.DataTypeParam)]
    if kind.this is not DType.DECIMAL or len(numbers) != 2:
        return None
    precision, scale = (int(number.name) for number in numbers)
    return precision - scale, scale


def typed(node: Node, kind: exp.DataType | exp.DType | None) -> Node:
    """The node with a type put on it: no annotation has seen what a rule makes."""
    node.type = kind
    return node
