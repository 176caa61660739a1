"""Which tables of a silo belong to the catalog: `schemas`, `include` and `exclude` of settings."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from connectors.config import SiloSettings


def wanted(settings: SiloSettings, schema: str, table: str) -> bool:
    """True when the settings let this table in. Globs match ``table`` or ``schema.table``."""
    if settings.schemas and not _any(settings.schemas, schema):
        return False
    names = (table, f"{schema}.{table}")
    if settings.include and not any(_any(settings.include, name) for name in names):
        return False
    return not any(_any(settings.exclude, name) for name in names)


def _any(globs: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name.lower(), glob.lower()) for glob in globs)
