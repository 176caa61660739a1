"""The link step of a refresh: measure what is declared, propose what is not, keep the rest."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog.introspection import Meter
from catalog.links import Link, declared_links, expressions
from catalog.links_discovery import discover
from catalog.links_inside import inside_silos
from catalog.links_measure import Measuring, Pair
from catalog.links_reading import KeyReader, key_side, problem
from catalog.links_sketch import Figures
from catalog.semantic_model import Dataset, Relationship, SemanticModel
from connectors.clock import Cancellation, Deadline
from connectors.config import Settings
from connectors.errors import SchemaDrift, SiloCancelled
from connectors.schema import SiloSchema, Table

DECLARED_S = 300
DISCOVERY_S = 120
INSIDE_S = 120


@dataclass(frozen=True)
class LinkReport:
    """What came of the links.

    Attributes:
        links: To store: measured declared ones, and proposed ones.
        unmeasured: Problem by name of a declared link; it keeps its last figures, if it has any.
    """

    links: tuple[Link, ...] = ()
    unmeasured: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkStep:
    """Measures links over the live silos.

    Attributes:
        schema: All tables of the new version.
        fresh: Silos that have just been read; only links between these are measured.
        last: Links of the last version.
    """

    settings: Settings
    schema: SiloSchema
    model: SemanticModel
    fresh: Collection[str]
    last: Sequence[Link]
    meter: Meter
    cancellation: Cancellation

    def run(self) -> LinkReport:
        """Measure and propose.

        Raises:
            SiloCancelled: On cancel.
        """
        reader = KeyReader(self.settings, self.cancellation)
        try:
            report = self._measured(Measuring(reader, self._read))
        finally:
            reader.close()
        if self.cancellation.requested:
            raise SiloCancelled("measuring links was cancelled")
        return report

    def _read(self, name: str) -> None:
        self.meter.expect(1)
        self.meter.step(name)

    def _measured(self, measuring: Measuring) -> LinkReport:
        links = declared_links(self.model)
        pairs, problems = self._pairs(links)
        figures = measuring.measure(list(pairs.values()), Deadline.after(DECLARED_S))
        now = datetime.now(UTC)
        measured: list[Link] = []
        for link in links:
            name = str(link.name)
            pair = pairs.get(name)
            if pair in figures:
                measured.append(_with(link, figures[pair], now))
                continue
            measured += (old for old in self.last if old.same_as(link))
            problems[name] = problems.get(name) or self._problem(link, pair, measuring)
        declared = declared_links(self.model, measured)
        limit = Deadline.after(DISCOVERY_S)
        across = discover(self.schema, self.fresh, declared, measuring, limit)
        proposed = (*across, *self._inside(measuring, (*declared, *across)))
        kept = self._kept(proposed, declared, measuring.problems)
        fresh = (replace(link, measured_at=now) for link in proposed)
        return LinkReport((*measured, *fresh, *kept), problems)

    def _inside(self, measuring: Measuring, known: Sequence[Link]) -> Iterator[Link]:
        """Links inside silos, of columns that have none there yet."""
        told = {link.left.lower() for link in known if len(link.silos) == 1}
        limit = Deadline.after(INSIDE_S)
        found = inside_silos(self.schema, self.fresh, measuring.reader, limit, measuring.problems)
        yield from (link for link in found if link.left.lower() not in told)

    def _pairs(self, links: Iterable[Link]) -> tuple[dict[str, Pair], dict[str, str]]:
        """What can be measured by link name, and why the others cannot."""
        pairs: dict[str, Pair] = {}
        problems: dict[str, str] = {}
        for step, link in zip(self.model.relationships, links, strict=True):
            if not link.silos <= set(self.fresh):
                continue
            try:
                pairs[step.name] = self._pair(step)
            except SchemaDrift as error:
                problems[step.name] = problem(error)
        return pairs, problems

    def _pair(self, step: Relationship) -> Pair:
        left, right = (self.model.datasets[n] for n in (step.from_dataset, step.to_dataset))
        return Pair(
            key_side(self._table(left), expressions(left, step.from_columns)),
            key_side(self._table(right), expressions(right, step.to_columns)),
            step.normaliser,
        )

    def _table(self, dataset: Dataset) -> Table:
        table = self.schema.tables.get(dataset.source.lower())
        if table is None:
            raise SchemaDrift(f"there is no table {dataset.source!r}")
        return table

    def _problem(self, link: Link, pair: Pair | None, measuring: Measuring) -> str:
        if pair is None:
            return f"not read this time: {', '.join(sorted(link.silos - set(self.fresh)))}"
        sides = (pair.left.name, pair.right.name)
        return "; ".join(measuring.problems[side] for side in sides if side in measuring.problems)

    def _kept(
        self, proposed: Sequence[Link], declared: Sequence[Link], failed: Collection[str]
    ) -> Iterator[Link]:
        """Last proposals of silos or columns that could not be read this time."""
        known = {link.ends for link in (*proposed, *declared)}
        silos = {silo.name for silo in self.settings.silos}
        for link in self.last:
            unread = not link.silos <= set(self.fresh) or {link.left, link.right} & set(failed)
            wanted = link.origin == "proposed" and link.silos <= silos
            if wanted and unread and link.ends not in known:
                yield link


def _with(link: Link, figures: Figures, now: datetime) -> Link:
    return replace(
        link,
        match_rate=figures.match_rate,
        key_match_rate=figures.key_match_rate,
        fan_out=figures.fan_out,
        measured_at=now,
        method=figures.method,
    )
