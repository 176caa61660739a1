"""Which table lives in which silo: three placements, as silo -> (kind, tables)."""

from collections.abc import Mapping

Placement = Mapping[str, tuple[str, tuple[str, ...]]]

PLACEMENTS: Mapping[str, Placement] = {
    "D1": {
        "pg": ("postgresql", ("customer", "orders", "nation", "region")),
        "my": ("mysql", ("part", "supplier", "partsupp")),
        "du": ("duckdb", ("lineitem",)),
    },
    "D2": {
        "pg": ("postgresql", ("customer", "lineitem")),
        "my": ("mysql", ("part", "orders")),
        "du": ("duckdb", ("supplier", "partsupp", "nation", "region")),
    },
    "D3": {
        "pg": ("postgresql", ("orders", "customer")),
        "my": ("mysql", ("lineitem",)),
        "sq": ("sqlite", ("nation", "region", "supplier")),
        "du": ("duckdb", ("part", "partsupp")),
    },
}

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def silo_of(placement: Placement, table: str) -> str:
    """The silo a table lives in."""
    return next(silo for silo, (_, tables) in placement.items() if table in tables)
