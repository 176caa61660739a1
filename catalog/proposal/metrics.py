"""The metrics of a proposal: counts and sums of each subject, and the figures it can serve."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from catalog.proposal.contact_figures import CONTACT_RULES
from catalog.proposal.datasets import NAMED_UNITS
from catalog.proposal.figures import Asked, Figure
from catalog.proposal.formulas import CURRENCIES, rows, unit
from catalog.proposal.naming import free, identifier, labels
from catalog.proposal.phrases import Phrases
from catalog.proposal.roles import ColumnRole
from catalog.proposal.sales_figures import SALES_RULES
from catalog.proposal.subjects import PEOPLE, Subject
from catalog.semantic_model import Metric, Proposal

RULES = (*SALES_RULES, *CONTACT_RULES)
MOST_MEASURES = 8
MEANS = frozenset(
    [
        "price",
        "rate",
        "average",
        "weight",
        "duration",
        "waiting",
        "talk",
        "wrapup",
        "minutes",
        "seconds",
        "value",
        "lifetimevalue",
        "profit",
    ]
)
TOUCHPOINTS = {
    "order": "shop", "cart": "shop", "return": "shop", "ticket": "service", "call": "call",
    "conversation": "service", "answer": "survey", "survey": "survey", "mail": "campaign",
    "campaign": "campaign", "event": "web", "visit": "web", "consent": "consent",
    "customer": "crm", "subscription": "subscription",
}  # fmt: skip


@lru_cache(maxsize=1)
def _about() -> Mapping[str, Any]:
    """Names, units and words of the figures, by key."""
    text = (Path(__file__).parent / "metrics.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def metrics(subjects: Sequence[Subject]) -> dict[str, list[Metric]]:
    """Metrics by dataset name. Names and phrases are unique: the surest subject picks first."""
    maker = _Maker(subjects)
    ranked = sorted(subjects, key=_rank)
    for make in (maker.figures, maker.count, maker.measures):
        for subject in ranked:
            make(subject)
    return maker.made


def _rank(subject: Subject) -> tuple[float, ...]:
    home = TOUCHPOINTS.get(subject.concept or "", "") == subject.kind
    return (-subject.score, not home, len(subject.parts), -(subject.table.row_estimate or 0))


class _Maker:
    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.made: dict[str, list[Metric]] = {subject.name: [] for subject in subjects}
        self._names: list[str] = []
        self._phrases = Phrases()
        self._used: set[tuple[str, str]] = set()
        self._served: set[tuple[str, str]] = set()
        self._currencies = _currencies(subjects)

    def figures(self, subject: Subject) -> None:
        """The figures of the glossary that the subject can serve, the surest of each."""
        asked = Asked(subject, self._currencies[subject.table.silo])
        best: dict[str, Figure] = {}
        for rule in RULES:
            for figure in rule(asked):
                if figure.key not in best or figure.score > best[figure.key].score:
                    best[figure.key] = figure
        for figure in best.values():
            # Tables of one silo often hold the same at several grains: the surest one is enough.
            if (subject.table.silo, figure.key) not in self._served:
                self._served.add((subject.table.silo, figure.key))
                self._figure(subject, figure)

    def _figure(self, subject: Subject, figure: Figure) -> None:
        about = _about()[figure.key]
        first = figure.key not in self._names
        said = self._phrases.labels(about["labels"], {}, subject.table.silo)
        self._add(
            subject,
            Metric(
                name=self._name(figure.key, subject),
                expression=figure.expression,
                description=about["description"],
                datatype="Integer" if about.get("unit") == "count" else "Decimal",
                labels=said,
                synonyms=self._phrases.take(about["synonyms"]) if first else (),
                time=subject.reference(figure.time) if figure.time else None,
                better=cast("Literal['up', 'down'] | None", about.get("better")),
                unit=figure.unit or about.get("unit"),
                touchpoint=about.get("touchpoint"),
                source=about.get("source", "glossary"),
                proposed=Proposal(round(figure.score, 2), figure.reason),
            ),
        )

    def count(self, subject: Subject) -> None:
        """The number of rows; of people as of now, of what happens in the period."""
        if subject.concept is None and not subject.key:
            return
        people = subject.concept in PEOPLE
        time = subject.time if not people else None
        plain = subject.labels
        said = self._phrases.labels(plain, {}, subject.table.silo)
        name = identifier(subject.labels.get("en") or subject.name)
        key = ", ".join(subject.key) or "every row"
        self._add(
            subject,
            Metric(
                name=self._name(name, subject),
                expression=rows(subject, timed=time is not None),
                description=f"Rows of {subject.table.full_name}",
                datatype="Integer",
                labels=said,
                synonyms=self._phrases.take(_counting(subject)) if said == plain else (),
                time=subject.reference(time.column.name) if time else None,
                unit="count",
                touchpoint=TOUCHPOINTS.get(subject.concept or ""),
                proposed=Proposal(subject.score, f"counted by {key}"),
            ),
        )

    def measures(self, subject: Subject) -> None:
        """Sum or mean of each number no figure has used, the best named ones first."""
        used = {reference for name, reference in self._used if name == subject.name}
        free_ones = [r for r in subject.of("measure", "score") if _worth(r)]
        known = sorted(free_ones, key=lambda r: r.parts[-1].concept is None)
        for role in known[:MOST_MEASURES]:
            reference = subject.reference(role.column.name)
            means = role.role == "score" or bool(role.keys & MEANS)
            if not means and f"SUM({reference})" not in used:
                self._measure(subject, role, "SUM")
            if (
                means or unit(role, subject, ()) not in ("count",)
            ) and f"AVG({reference})" not in used:
                self._measure(subject, role, "AVG", only=means)

    def _measure(
        self, subject: Subject, role: ColumnRole, function: str, *, only: bool = False
    ) -> None:
        kept = [part for part in role.parts if part.key not in NAMED_UNITS] or list(role.parts)
        plain = labels(kept)
        if function == "AVG" and not only:
            plain = {"de": f"Durchschnitt {plain['de']}", "en": f"average {plain['en']}"}
        longer = {
            language: f"{text} {subject.labels[language]}" for language, text in plain.items()
        }
        prefix = "average" if function == "AVG" else "total"
        name = f"{prefix}_{subject.name}_{subject.fields[role.column.name]}"
        reference = subject.reference(role.column.name)
        sure = 0.7 if role.parts[-1].concept else 0.4
        self._add(
            subject,
            Metric(
                name=self._name(name, subject),
                expression=f"{function}({reference})",
                description=role.column.comment or f"{function} of {role.column.name}",
                labels=self._phrases.labels(plain, longer, subject.table.silo),
                time=subject.reference(subject.time.column.name) if subject.time else None,
                unit=_unit(subject, role, self._currencies[subject.table.silo]),
                touchpoint=TOUCHPOINTS.get(subject.concept or ""),
                proposed=Proposal(sure, role.reason),
            ),
        )

    def _name(self, wanted: str, subject: Subject) -> str:
        if wanted in self._names:
            wanted = f"{wanted}_{subject.table.silo}"
        self._names.append(free(wanted, self._names))
        return self._names[-1]

    def _add(self, subject: Subject, metric: Metric) -> None:
        self.made[subject.name].append(metric)
        self._used.add((subject.name, metric.expression))


def _worth(role: ColumnRole) -> bool:
    return role.stats.null_share != 1 and not role.personal


def _unit(subject: Subject, role: ColumnRole, currencies: Sequence[str]) -> str | None:
    return "points" if role.role == "score" else unit(role, subject, currencies)


def _counting(subject: Subject) -> Iterable[str]:
    """Other words for the count: the singular, and „Anzahl …"."""
    if not subject.parts or subject.parts[-1].concept is None:
        return ()
    one, many = labels(subject.parts), subject.labels
    return (*one.values(), f"Anzahl {many['de']}", f"number of {many['en']}")


def _currencies(subjects: Sequence[Subject]) -> dict[str, Sequence[str]]:
    """Currencies that column names tell, by silo."""
    found: dict[str, dict[str, None]] = {}
    for subject in subjects:
        mine = found.setdefault(subject.table.silo, {})
        for role in subject.roles:
            mine.update(dict.fromkeys(key for key in CURRENCIES if key in role.keys))
    return {silo: tuple(named) for silo, named in found.items()}
