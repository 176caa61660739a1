"""Finds the catalog table behind each name in FROM; common table expressions come first."""

from dataclasses import dataclass, field
from typing import NoReturn

from rapidfuzz import process
from sqlglot import exp

from connectors.errors import AmbiguousName, UnknownTable
from connectors.schema import SiloSchema, Table

REFRESH = "If the table is new, run `rundblick catalog refresh`."


@dataclass
class Sources:
    """Catalog tables a query reads, in order of first use, by lower-case three-part name."""

    tables: dict[str, Table] = field(default_factory=dict)

    def add(self, table: Table) -> None:
        """Note one use."""
        self.tables.setdefault(table.full_name.lower(), table)


def resolve_tables(tree: exp.Query, schema: SiloSchema) -> Sources:
    """Give every table of the catalog its three parts and an alias, in place.

    Raises:
        UnknownTable: No table fits; the nearest names are in the hint.
        AmbiguousName: Several fit; they are listed.
    """
    sources = Sources()
    for node in list(tree.find_all(exp.Table)):
        if not isinstance(node.this, exp.Identifier) or _is_common_table(node):
            continue
        table = _find(node, schema)
        sources.add(table)
        if not node.alias:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name, quoted=True)))
        name_parts(node, table)
    return sources


def name_parts(node: exp.Table, table: Table) -> None:
    """Write the table's three parts as the catalog spells them."""
    node.set("this", identifier(table.name))
    node.set("db", identifier(table.schema))
    node.set("catalog", identifier(table.silo))


def identifier(name: str) -> exp.Identifier:
    """A quoted identifier; quotes that are not needed are dropped at the end."""
    return exp.Identifier(this=name, quoted=True)


def _is_common_table(node: exp.Table) -> bool:
    if node.args.get("db"):
        return False
    name = node.name.lower()
    child: exp.Expr = node
    parent = node.parent
    while parent is not None:
        if name in _common_names(parent, child):
            return True
        child, parent = parent, parent.parent
    return False


def _common_names(parent: exp.Expr, child: exp.Expr) -> set[str]:
    """Names of common table expressions `child` sees from `parent`, in lower case."""
    if isinstance(parent, exp.With):
        return _names_before(parent, child)
    clause = parent.args.get("with_")
    if clause is None or child is clause:
        return set()
    return {cte.alias.lower() for cte in clause.expressions}


def _names_before(clause: exp.With, child: exp.Expr) -> set[str]:
    """A common table expression sees the ones before it, and itself when recursive."""
    names = set()
    for cte in clause.expressions:
        if cte is child:
            if clause.args.get("recursive"):
                names.add(cte.alias.lower())
            break
        names.add(cte.alias.lower())
    return names


def _find(node: exp.Table, schema: SiloSchema) -> Table:
    parts = [part.name for part in node.parts]
    written = ".".join(parts)
    if len(parts) > 3:
        _unknown(written, schema)
    found = schema.find(written)
    if not found:
        _unknown(written, schema)
    if len(found) > 1:
        names = ", ".join(table.full_name for table in found)
        message = f"{written!r} fits several tables: {names}"
        raise AmbiguousName(message, hint="Write the three-part name.")
    return found[0]


def _unknown(written: str, schema: SiloSchema) -> NoReturn:
    names = {name.lower(): name for name in schema.names()}
    near = process.extract(written.lower(), list(names), limit=3, score_cutoff=60)
    nearest = ", ".join(names[match[0]] for match in near)
    hint = f"Nearest: {nearest}. {REFRESH}" if nearest else REFRESH
    raise UnknownTable(f"there is no table {written!r} in the catalog", hint=hint)
