"""Engines, one a file; the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Mapping

from rapidfuzz import process

from connectors.config import EngineSettings
from connectors.engines.base import Engine
from connectors.errors import ConfigurationError


def engines() -> tuple[str, ...]:
    """Names of the engines there are, sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if not name.startswith("_") and name != "base"))


def load_engine(settings: EngineSettings, silos: Mapping[str, str]) -> Engine:
    """The configured engine; `silos` maps each silo's name to its URL scheme.

    Raises:
        ConfigurationError: There is no such engine.
    """
    if settings.name not in engines():
        near = process.extractOne(settings.name, engines())
        hint = f"Did you mean {near[0]!r}?" if near else None
        raise ConfigurationError(f"there is no engine {settings.name!r}", hint=hint)
    module = importlib.import_module(f"{__name__}.{settings.name}")
    made: Engine = module.Engine(settings, silos)
    return made
