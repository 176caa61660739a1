"""Expressions and queries of semantic files: chosen by dialect, parsed, made canonical."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.yaml_nodes import Node

CANONICAL = "duckdb"
# The first of these that a file offers is taken as it stands; another one is translated.
OWN_DIALECTS = ("DUCKDB", "ANSI_SQL")


def read_expression(node: Node, key: str) -> str | None:
    """The canonical SQL expression under a key; None when absent.

    Raises:
        ConfigurationError: It does not parse, or is no single expression.
    """
    found = node.data.get(key)
    if found is None:
        return None
    if isinstance(found, dict):
        return _of_dialects(node.child(key))
    text = node.needed(key)
    parse_expression(node, key, text)
    return text


def read_query(node: Node, key: str) -> str:
    """The one SELECT under a key, as written.

    Raises:
        ConfigurationError: It is missing, does not parse or is no SELECT.
    """
    text = node.needed(key)
    if not isinstance(_parsed(node, key, text, CANONICAL), exp.Query):
        raise node.error(key, "expected one SELECT")
    return text


def parse_expression(node: Node, key: str, text: str, dialect: str = CANONICAL) -> exp.Expr:
    """The tree of one expression.

    Raises:
        ConfigurationError: It does not parse, or is no single expression.
    """
    tree = _parsed(node, key, f"SELECT {text}", dialect)
    clauses = [name for name, part in tree.args.items() if part and name != "expressions"]
    if not isinstance(tree, exp.Select) or clauses or len(tree.expressions) != 1:
        raise node.error(key, f"{text!r} is not one expression")
    only: exp.Expr = tree.expressions[0]
    if isinstance(only, (exp.Alias, exp.Star)):
        raise node.error(key, f"{text!r} is not one expression")
    return only


def _of_dialects(node: Node) -> str:
    node.only("dialects")
    offers = {
        child.needed("dialect").upper(): child.needed("expression")
        for child in node.children("dialects")
    }
    for dialect in OWN_DIALECTS:
        if dialect in offers:
            parse_expression(node, "dialects", offers[dialect])
            return offers[dialect]
    for dialect, text in offers.items():
        if dialect.lower() in sqlglot.Dialect.classes:
            tree = parse_expression(node, "dialects", text, dialect.lower())
            return str(tree.sql(CANONICAL))
    known = ", ".join(offers) or "none"
    raise node.error("dialects", f"no dialect that can be read, only: {known}")


def _parsed(node: Node, key: str, text: str, dialect: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    except SqlglotError as error:
        problem = str(error).splitlines()[0]
        raise node.error(
            key, f"{text.removeprefix('SELECT ')!r} does not parse: {problem}"
        ) from error
    if len(trees) != 1:
        raise node.error(key, "expected one statement")
    return trees[0]
