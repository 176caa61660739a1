"""The report's tables as headings and cells, the same for the terminal and for HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evaluation.comparing import Change, Comparison
from assistant.evaluation.running import Result
from assistant.evaluation.scoring import OUTCOMES, Row
from assistant.evaluation.summary import Summary, Totals
from assistant.language import text
from catalog.semantic_model import Language

NONE = "–"
WRONG_OF = "wrong_of_these"


@dataclass(frozen=True)
class Grid:
    """A table; cells from the second column on are figures unless `texts`."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: bool = False


def grids(summary: Summary, language: Language = "en") -> list[Grid]:
    """All tables of a run but the misses."""
    groups = [summary.total]
    for name, group in summary.groups.items():
        if [one.name for one in group] != [NONE]:
            groups += [replace(one, name=f"{name} {one.name}") for one in group]
    what = text("report.all", language)
    return [
        *_totals(what, groups, language),
        _curve(summary, language),
        _calibration(summary, language),
    ]


def facts(summary: Summary, language: Language = "en") -> list[str]:
    """Sentences no table holds."""
    said = []
    if summary.agreement is not None:
        share = percent(summary.agreement)
        said.append(text("report.agree", language, share=share, pairs=summary.pairs))
    if summary.disagreeing:
        said.append(text("report.differ", language, names=", ".join(summary.disagreeing)))
    if summary.calibration_error is not None:
        error = f"{summary.calibration_error:.3f}"
        said.append(text("report.off", language, error=error))
    if summary.separation is not None:
        auc = f"{summary.separation:.3f}"
        said.append(text("report.auc", language, auc=auc))
    return said


def miss_lines(result: Result) -> list[tuple[str, str]]:
    """What is known of a miss: name and text of each line."""
    lines = [
        ("expected", result.expected),
        ("status", result.status + (f" ({result.error})" if result.error else "")),
        ("message", result.message),
    ]
    if result.sql:
        lines.append(("SQL", result.sql))
    if result.difference:
        found = result.difference
        lines.append(("rows", f"{found.rows}, gold has {found.gold_rows}"))
        lines += [("missing", row_text(row)) for row in found.missing]
        lines += [("not in gold", row_text(row)) for row in found.extra]
    return lines


def comparison_grids(comparison: Comparison, language: Language = "en") -> list[Grid]:
    """The tables of a comparison."""
    what = text("report.both_runs", language)
    made = _totals(what, (comparison.before, comparison.now), language)
    for title, changes in (
        ("Newly right", comparison.newly_right),
        ("Newly wrong", comparison.newly_wrong),
        ("Still not right, but changed", comparison.changed),
    ):
        made.append(_changes(title, changes))
    for title, keys in (("Only in this run", comparison.added), ("Gone", comparison.gone)):
        made.append(Grid(title, ("question",), tuple((key,) for key in keys), texts=True))
    return [grid for grid in made if grid.rows]


def row_text(row: Row) -> str:
    """A row as one line; a whole number without a point."""
    return " | ".join(_cell(value) for value in row)


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def _cell(value: str | float | None) -> str:
    if value is None:
        return "null"
    return f"{value:.10g}" if isinstance(value, float) else value


def _totals(what: str, groups: Sequence[Totals], language: Language) -> list[Grid]:
    costs = ("", "p50", "p95", "translate", "run", "kB", "calls", "tokens", "cost")
    outcomes = tuple(text(f"report.{outcome}", language) for outcome in OUTCOMES)
    first, second = (text(f"report.{key}", language, what=what) for key in ("outcomes", "costs"))
    return [
        Grid(first, ("", "n", *outcomes), tuple(_outcomes(one) for one in groups)),
        Grid(second, costs, tuple(_costs(one) for one in groups)),
    ]


def _outcomes(one: Totals) -> tuple[str, ...]:
    shares = tuple(percent(one.share(outcome)) for outcome in OUTCOMES)
    return (one.name, str(one.count), *shares)


def _costs(one: Totals) -> tuple[str, ...]:
    times = tuple(f"{ms:.0f}" for ms in (one.p50, one.p95, one.translate, one.run))
    sums = (f"{one.bytes / 1_000:,.1f}", f"{one.calls:,}", f"{one.tokens:,}")
    return (one.name, *times, *sums, NONE if one.cost is None else f"{one.cost:.4f}")


def _curve(summary: Summary, language: Language) -> Grid:
    rows = tuple(
        (f"{point.threshold:.3f}", percent(point.coverage), percent(point.risk))
        for point in summary.curve
    )
    headings = tuple(text(f"report.{key}", language) for key in ("from", "coverage", WRONG_OF))
    return Grid(text("report.curve", language), headings, rows)


def _calibration(summary: Summary, language: Language) -> Grid:
    rows = tuple(
        (f"{b.low:.1f} to {b.high:.1f}", str(b.count), f"{b.confidence:.3f}", percent(b.right))
        for b in summary.calibration
    )
    confidence, mean, right = (
        text(f"report.{key}", language) for key in ("confidence", "mean", "right")
    )
    return Grid(text("report.calibration", language), (confidence, "n", mean, right), rows)


def _changes(title: str, changes: Sequence[Change]) -> Grid:
    rows = tuple(
        (c.now.key, c.before.outcome, c.now.outcome, _why(c.before), _why(c.now)) for c in changes
    )
    headings = ("question", "before", "now", "figures before", "figures now")
    return Grid(title, headings, rows, texts=True)


def _why(result: Result) -> str:
    """The first row in dispute, or what was said when there is none."""
    if result.outcome == "right":
        return "as gold"
    if result.difference is None:
        return result.message
    shown = result.difference.extra or ((NONE,),)
    return f"{row_text(shown[0])} ({result.difference.rows} rows)"
