"""Text to one parsed statement: size, characters, brackets and comments first, then the parser."""

import re
import unicodedata
from typing import ClassVar, NoReturn

import sqlglot
from rapidfuzz import process
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from connectors.errors import ForbiddenConstruct, NotASelect, ParseError
from connectors.functions import MAX_BYTES, MAX_DEPTH

DIALECT = "duckdb"
# What the parser raises, beside its own errors, on text it did not expect.
PARSER_FAILURES = (AttributeError, IndexError, KeyError, TypeError, ValueError)
# Control characters, line and paragraph separators, zero-width, bidirectional and tag characters:
# parsers disagree about them, and people do not see them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
CONDITIONS = frozenset({TokenType.ON, TokenType.USING})
MAX_OPEN_JOINS = 8
ALIKE = 80
FIRST_WORDS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE", "("})


class CanonicalDialect(DuckDB):
    """DuckDB's dialect as DuckDB 2 reads it: names may stand in backticks too."""

    class Tokenizer(DuckDB.Tokenizer):
        """Adds the backtick."""

        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ['"', "`"]


def parse(sql: str) -> exp.Query:
    """One SELECT or set operation, without comments; VALUES becomes SELECT over VALUES.

    Raises:
        ForbiddenConstruct: Too long, too deep, or with hidden characters or executable comments.
        NotASelect: Another statement, several, or none.
        ParseError: It does not parse.
    """
    _check_text(sql)
    tokens = _tokens(sql)
    _check_tokens(tokens)
    _check_statement(tokens)
    try:
        parser = CanonicalDialect().parser(error_level=ErrorLevel.RAISE)
        statements = parser.parse(tokens, sql)
    except (SqlglotError, *PARSER_FAILURES) as error:
        raise ParseError(f"the SQL does not parse: {_first_line(error)}") from error
    return _only_select([s for s in statements if s and not isinstance(s, exp.Semicolon)])


def _check_text(sql: str) -> None:
    hidden = HIDDEN.search(sql)
    if hidden:
        name = unicodedata.name(hidden.group(), "control character")
        place = f"U+{ord(hidden.group()):04X} ({name.lower()}) at position {hidden.start()}"
        raise ForbiddenConstruct(f"the query holds the hidden character {place}", hint="Remove it.")
    size = len(sql.encode())
    if size > MAX_BYTES:
        raise ForbiddenConstruct(f"the query has {size} bytes, more than {MAX_BYTES}")


def _tokens(sql: str) -> list[Token]:
    try:
        return list(sqlglot.tokenize(sql, dialect=CanonicalDialect))
    except (SqlglotError, *PARSER_FAILURES) as error:
        raise ParseError(f"the SQL does not parse: {_first_line(error)}") from error


def _check_tokens(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.token_type in OPEN:
            depth += 1
        elif token.token_type in CLOSE:
            depth -= 1
        if depth > MAX_DEPTH:
            raise ForbiddenConstruct(f"the query nests more than {MAX_DEPTH} brackets")
        for comment in token.comments:
            _check_comment(comment)
    _check_joins(tokens)


def _check_joins(tokens: list[Token]) -> None:
    """Refuse many joins whose ON is still to come: the parser's time doubles with each."""
    open_joins, before = 0, None
    for token in tokens:
        kind = token.token_type
        if kind is TokenType.JOIN and before is not TokenType.CROSS:
            open_joins += 1
        elif kind in CONDITIONS and open_joins:
            open_joins -= 1
        if open_joins > MAX_OPEN_JOINS:
            message = f"the query has more than {MAX_OPEN_JOINS} joins without ON or USING"
            raise ForbiddenConstruct(message, hint="Write ON after each table that is joined.")
        before = kind


def _check_comment(comment: str) -> None:
    """Refuse comments other parsers read as SQL.

    That is executable ones, and a nested one that, read without nesting, ends before another
    statement.
    """
    if comment.lstrip().startswith(("!", "M!")):
        message = "executable comments (/*! ... */) are not allowed"
        raise ForbiddenConstruct(message, hint="Remove the comment.")
    if "/*" in comment and ";" in comment.partition("*/")[2]:
        message = "a nested comment that holds a semicolon is not allowed"
        raise ForbiddenConstruct(message, hint="Remove the comment.")


def _check_statement(tokens: list[Token]) -> None:
    """One statement that may be a SELECT, told by its words, before the parser is asked."""
    if not tokens:
        _refuse("")
    word = tokens[0].text.upper()
    if word not in FIRST_WORDS:
        meant = process.extractOne(word, ("SELECT", "VALUES"), score_cutoff=ALIKE)
        if meant is not None:
            message = f"the SQL does not parse: unknown word {word[:40]!r} at its start"
            raise ParseError(message, hint=f"Did you mean {meant[0]}?")
        _refuse(word[:40])
    parts = [token for token in tokens if token.token_type is TokenType.SEMICOLON]
    if parts and any(
        t.token_type is not TokenType.SEMICOLON for t in tokens[tokens.index(parts[0]) :]
    ):
        _refuse("several statements")


def _first_line(error: Exception) -> str:
    return re.sub(r"\x1b\[\d*m", "", (str(error).splitlines() or ["?"])[0])


def _refuse(what: str) -> NoReturn:
    message = f"only one SELECT is allowed, this is {what or 'nothing'}"
    raise NotASelect(message, hint="Write a single SELECT in DuckDB's dialect.")


def _only_select(statements: list[exp.Expr]) -> exp.Query:
    if len(statements) != 1:
        _refuse(f"{len(statements)} statements" if statements else "")
    tree = _without_comments(statements[0])
    if isinstance(tree, exp.Values):
        return exp.select("*").from_(exp.alias_(tree, "t", table=True), copy=False)
    if isinstance(tree, exp.Subquery):
        return _without_brackets(tree)
    if not isinstance(tree, (exp.Select, exp.SetOperation)):
        _refuse(tree.name.upper() if isinstance(tree, exp.Command) else tree.key.upper())
    return tree


def _without_comments(tree: exp.Expr) -> exp.Expr:
    """Without the places of its words either, which every copy would copy."""
    for node in tree.walk():
        node.comments = node._meta = None
    return tree


def _without_brackets(tree: exp.Subquery) -> exp.Query:
    """The query inside; ORDER BY and LIMIT after the brackets stay outside it."""
    inner = tree.unnest()
    kept = {key: value for key, value in tree.args.items() if value and key != "this"}
    if not kept:
        if not isinstance(inner, exp.Query):
            _refuse(inner.key.upper())
        return inner
    query = exp.select("*").from_(exp.Subquery(this=inner, alias=exp.TableAlias(this="q")))
    for key, value in kept.items():
        query.set(key, value)
    return query
