"""Refreshes the catalog of a running service: counted, and with what the change broke."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from assistant.answer_json import plain
from assistant.drift import Broken, drift
from assistant.services import Services
from catalog.catalog import Catalog
from catalog.refresh import Progress, RefreshReport, refresh
from connectors.clock import Clock
from connectors.config import Settings
from connectors.errors import RundblickError

Report = Callable[[int, int, str], None]


def refresh_service(
    services: Services, report: Report, *, profile: bool, silos: Collection[str] | None = None
) -> Mapping[str, Any]:
    """Read silos again, take the new version over and say what it broke, as JSON values.

    Raises:
        RundblickError: As `catalog.refresh.refresh`; the catalog stays as it was.
    """

    def progress(step: Progress) -> None:
        report(step.done, step.total, step.what)

    begin = time.monotonic()
    telemetry = services.telemetry
    try:
        made = refresh(services.settings, profile=profile, silos=silos, progress=progress)
        services.catalog.reload()
    except RundblickError:
        telemetry.count_refresh("failed", time.monotonic() - begin)
        raise
    broken = broken_parts(services.catalog, services.clock)
    telemetry.count_refresh("partial" if made.failed else "done", time.monotonic() - begin)
    telemetry.show_broken(len(broken))
    return told(made, broken)


def broken_after(settings: Settings, made: RefreshReport) -> Mapping[str, Any]:
    """The report of a refresh by the command line with what it broke, as JSON values."""
    catalog = Catalog.open(settings)
    return told(made, broken_parts(catalog, Clock.from_environment(settings.today)))


def broken_parts(catalog: Catalog, clock: Clock) -> tuple[Broken, ...]:
    """What does not fit the newest version, with the changes from the one before."""
    before = catalog.before()
    links = before.links if before else ()
    return drift(catalog.model, catalog.schema, catalog.changes(), clock, links)


def told(made: RefreshReport, broken: Collection[Broken]) -> Mapping[str, Any]:
    """Report and broken parts together, as JSON values."""
    return {**plain(made), "broken": plain(list(broken))}
