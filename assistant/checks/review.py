"""All checks of one statement, in order: rows, literals, grain, shape, period, currency."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from assistant.checks.grain import double_counts
from assistant.checks.literals import link_literals
from assistant.checks.rows import with_row_conditions
from assistant.checks.shape import Shape, misfits
from assistant.periods import parse_period
from assistant.probing import Prober
from catalog.context import SchemaContext
from catalog.semantic_model import Dataset, Language, SemanticModel
from connectors.clock import Clock
from connectors.query import BoundQuery, FragmentReceipt
from connectors.schema import Column, Table

Bind = Callable[[str], BoundQuery]
ONE_DAY = timedelta(days=1)
CURRENCIES = frozenset({"chf", "eur", "usd", "gbp"})


@dataclass(frozen=True)
class Review:
    """A statement after its checks.

    Attributes:
        bound: With row conditions and corrected literals in it.
        doubts: What is likely wrong, one sentence each, telling how to put it right.
        added: Row conditions that were added.
        corrected: Literals that were corrected.
        hits: Literals that are values of their column.
        probes: Receipts of the values that silos were asked for.
    """

    bound: BoundQuery
    doubts: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    hits: int = 0
    probes: tuple[FragmentReceipt, ...] = ()


@dataclass(frozen=True)
class Reviewer:
    """Checks statements against one semantic model.

    Attributes:
        model: Gives the model as it is now.
        bind: Resolves a statement; raises BindError.
        prober: Asks silos for a column's distinct values; None when nobody may.
        show_values: Doubts may name stored values.
    """

    model: Callable[[], SemanticModel]
    bind: Bind
    clock: Clock
    prober: Prober | None = None
    show_values: bool = True

    def review(
        self, sql: str, context: SchemaContext, shape: Shape | None, all_rows_of: Collection[str]
    ) -> Review:
        """Check a statement and put right what can be put right without asking.

        Raises:
            BindError: A name or type does not fit.
            ParseError: It is no SQL.
            PolicyViolation: It is no plain SELECT.
        """
        model = self.model()
        first = self.bind(sql)
        restricted, added = with_row_conditions(first, model.datasets.values(), all_rows_of)
        bound = self.bind(restricted) if added else first
        sources = _by_source(model)
        probes: list[FragmentReceipt] = []

        def probe(table: Table, column: Column) -> tuple[str, ...] | None:
            read = self.prober.values(table, column.name, context.role) if self.prober else None
            probes.extend(read[1] if read else ())
            return read[0] if read else None

        literals = link_literals(bound, sources, probe, show_values=self.show_values)
        bound = self.bind(literals.sql) if literals.corrected else bound
        doubts = [*literals.doubts, *double_counts(bound, sources)]
        doubts += misfits(bound, shape) if shape else ()
        doubts += self._period(bound, context)
        doubts += _currencies(bound.tree)
        found = (literals.corrected, literals.found, tuple(probes))
        return Review(bound, tuple(doubts), added, *found)

    def _period(self, bound: BoundQuery, context: SchemaContext) -> Iterator[str]:
        """A question with a period needs a statement with a day of it, or one that reckons days."""
        language: Language = "de" if context.language == "de" else "en"
        asked = parse_period(context.question, self.clock, language)
        if asked is None or asked.period is None or asked.assumed:
            return
        start, end = asked.period.start, asked.period.end
        inside = any(start - ONE_DAY <= day <= end + ONE_DAY for day in _days(bound.tree))
        reckoned = bound.tree.find(exp.Interval) is not None
        if not inside and not reckoned and not _named(bound.tree, start.year):
            yield (
                f"the question's period reads as {start} (included) to {end} (not included), but "
                "the statement has no day of it: add the period, or keep it out if the question "
                "names none"
            )


def _by_source(model: SemanticModel) -> Mapping[str, Dataset]:
    """The first dataset of each source."""
    found: dict[str, Dataset] = {}
    for dataset in model.datasets.values():
        found.setdefault(dataset.source.lower(), dataset)
    return found


def _days(tree: exp.Query) -> set[date]:
    found = set()
    for literal in tree.find_all(exp.Literal):
        try:
            found.add(date.fromisoformat(literal.this[:10]))
        except ValueError:
            continue
    return found


def _named(tree: exp.Query, year: int) -> bool:
    """True when a name holds the year, such as that of a campaign."""
    texts = (literal.this for literal in tree.find_all(exp.Literal) if literal.is_string)
    return any(text.endswith(f" {year}") for text in texts)


def _currencies(tree: exp.Query) -> Iterator[str]:
    """Amounts of two currencies, told by the ends of their names, must not be added."""
    for sum_ in tree.find_all(exp.Add, exp.Sub):
        names = {column.name.lower().rpartition("_")[2] for column in sum_.find_all(exp.Column)}
        mixed = sorted(names & CURRENCIES)
        if len(mixed) > 1:
            yield f"{sum_.sql('duckdb')} adds amounts in {' and '.join(mixed)}: report them apart"
