"""Connectors, one a file named as the URL scheme; the folder is the registry."""

import importlib
import pkgutil

from rapidfuzz import process
from sqlalchemy.dialects import registry
from sqlalchemy.exc import NoSuchModuleError

from connectors.config import SiloSettings
from connectors.errors import ConfigurationError
from connectors.silos.base import Connector

ALIASES = {"postgres": "postgresql", "mariadb": "mysql"}
_SHARED = {"base"}
_ANY = "sqlalchemy"


def schemes() -> tuple[str, ...]:
    """URL schemes with a connector of their own, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(n for n in names if not n.startswith("_") and n not in _SHARED | {_ANY}))


def connect(settings: SiloSettings) -> Connector:
    """The connector of a silo; nothing is opened yet.

    Raises:
        ConfigurationError: No connector and no SQLAlchemy dialect fits, or a driver is missing.
    """
    scheme = ALIASES.get(settings.scheme, settings.scheme)
    if scheme not in schemes():
        _require_dialect(scheme, settings)
        scheme = _ANY
    try:
        module = importlib.import_module(f"{__name__}.{scheme}")
    except ModuleNotFoundError as error:
        message = f"silo {settings.name!r} needs the Python package {error.name!r}"
        hint = f"Install it: pip install 'rundblick[{scheme}]'"
        raise ConfigurationError(message, silo=settings.name, hint=hint) from error
    made: Connector = module.Connector(settings)
    return made


def _require_dialect(scheme: str, settings: SiloSettings) -> None:
    try:
        registry.load(scheme)
    except NoSuchModuleError as error:
        nearest = process.extractOne(scheme, schemes())
        message = f"silo {settings.name!r}: no connector for {scheme!r} in its url"
        hint = f"Did you mean {nearest[0]!r}? " if nearest and nearest[1] > 50 else ""
        hint += "Other databases need their SQLAlchemy dialect installed."
        raise ConfigurationError(message, silo=settings.name, hint=hint) from error
