"""Reads the silos again and stores a new version of the catalog."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog.catalog import Catalog
from catalog.changes import Change, diff
from catalog.introspection import Meter, Progress, Reading, SiloRead
from catalog.journal import Journal
from catalog.links_refresh import LinkReport, LinkStep
from catalog.semantic_files import load_semantic_model
from catalog.sensitivity import declared, protect
from catalog.store import Snapshot, Store
from catalog.yaml_nodes import nearest
from connectors.clock import Cancellation
from connectors.config import Settings, SiloSettings
from connectors.errors import CatalogMissing, UsageError
from connectors.schema import SiloSchema, Table

__all__ = ["Progress", "RefreshReport", "refresh"]


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh brought.

    Attributes:
        version: The new version.
        tables: Number of tables in it.
        silos: Silos read this time.
        resumed: Those of them that a killed refresh had read a short while ago.
        failed: Problem by silo that could not be read; its tables are those of the last version.
        unprofiled: Problem by table whose statistics could not be read.
        links: Number of links measured or proposed, earlier ones that stay included.
        unmeasured: Problem by link that could not be measured; it keeps its last figures.
        changes: What differs from the version before; empty at the first.
        embedded: Number of documents embedded for the search; all others had their vector.
    """

    version: int
    tables: int
    silos: tuple[str, ...]
    resumed: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    unprofiled: Mapping[str, str] = field(default_factory=dict)
    links: int = 0
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    embedded: int = 0


def refresh(
    settings: Settings,
    *,
    profile: bool = True,
    silos: Collection[str] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancellation: Cancellation | None = None,
) -> RefreshReport:
    """Read silos and store what they hold as a new version.

    A silo that cannot be read, or is not asked for, keeps its tables of the last version.

    Args:
        settings: Where the silos and the catalog are.
        profile: With statistics and links; without, those of the last version stay.
        silos: Names of the silos to read; None means all.
        progress: Called from worker threads, one call at a time.
        cancellation: Stops the reading; nothing is stored then.

    Raises:
        UsageError: There is no silo of a given name.
        ConfigurationError: A semantic file is wrong.
        SiloError: Not one silo could be read; the first one's error.
        SiloCancelled: On cancel.
        CatalogError: The last version is broken, or the new one cannot be written.
    """
    asked = _asked(settings, silos)
    model = load_semantic_model(settings.semantic)
    cancellation = cancellation or Cancellation()
    store = Store(settings.catalog.path)
    last = _last(store)
    meter = Meter(progress)
    meter.expect(1)
    stated = declared(model)
    journal = Journal(settings.catalog.path, stated, profile=profile)
    read = Reading(profile, stated, meter, cancellation, journal).all(asked)
    errors = [found.error for found in read if found.error is not None]
    if errors and len(errors) == len(read):
        raise errors[0]
    kept_stats = None if profile else last
    merged = _merged(settings, read, last, kept_stats)
    known = last.links if last else ()
    links = LinkReport(known)
    if profile:
        fresh = {found.silo for found in read if found.error is None}
        step = LinkStep(settings, merged.schema, model, fresh, known, meter, cancellation)
        links = step.run()
    new = store.write(replace(merged, links=links.links))
    journal.forget()
    embedded = _index(settings)
    meter.step("search index")
    return replace(_report(read, new, last, links), embedded=embedded)


def _index(settings: Settings) -> int:
    """Build the search index now, so that the first question need not wait for it."""
    return Catalog.open(settings).build_index()


def _asked(settings: Settings, names: Collection[str] | None) -> Sequence[SiloSettings]:
    known = {silo.name: silo for silo in settings.silos}
    for name in names or ():
        if name not in known:
            raise UsageError(f"there is no silo {name!r}", hint=nearest(name, known))
    return [silo for silo in settings.silos if names is None or silo.name in names]


def _last(store: Store) -> Snapshot | None:
    try:
        return store.latest()
    except CatalogMissing:
        return None


def _merged(
    settings: Settings,
    read: Sequence[SiloRead],
    last: Snapshot | None,
    kept_stats: Snapshot | None,
) -> Snapshot:
    """New tables of the silos that were read, last ones of the others, none of forgotten silos."""
    now = datetime.now(UTC)
    fresh = {found.silo: found for found in read if found.error is None}
    tables: list[Table] = []
    moments: dict[str, datetime] = {}
    for silo in settings.silos:
        if silo.name in fresh:
            tables += (_with_stats(t, kept_stats) for t in fresh[silo.name].tables)
            moments[silo.name] = now
        elif last is not None and silo.name in last.silos:
            tables += last.schema.silo(silo.name)
            moments[silo.name] = last.silos[silo.name]
    return Snapshot(0, now, SiloSchema(tables), moments)


def _with_stats(table: Table, last: Snapshot | None) -> Table:
    """The table with the statistics an earlier version has of its columns."""
    before = last.schema.tables.get(table.full_name.lower()) if last else None
    if before is None:
        return table
    stats = {name: stats for name, stats in before.stats.items() if table.column(name)}
    # What values told is not told by names: it stays until values are looked at again.
    told = {name: kind for name, kind in before.sensitivity.items() if table.column(name)}
    known = replace(table, stats=stats, newest=before.newest, recent=before.recent)
    return protect(replace(known, sensitivity={**told, **table.sensitivity}), {})


def _report(
    read: Sequence[SiloRead], new: Snapshot, last: Snapshot | None, links: LinkReport
) -> RefreshReport:
    return RefreshReport(
        version=new.version,
        tables=len(new.schema),
        silos=tuple(found.silo for found in read if found.error is None),
        resumed=tuple(found.silo for found in read if found.resumed),
        failed={found.silo: found.error.message for found in read if found.error is not None},
        unprofiled={name: text for found in read for name, text in found.unprofiled.items()},
        links=len(links.links),
        unmeasured=links.unmeasured,
        changes=diff(last.schema, new.schema) if last else (),
    )
