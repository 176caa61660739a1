"""What every view is, and how a question finds its view; the folder is the registry.

A view answers questions that no single SELECT answers: it recognises them by words, asks the
silos through the door, and makes one Answer of what comes back.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from assistant.answer import Answer, ModelUse
from assistant.language import format_value, text
from assistant.people.audiences import Audiences
from assistant.services import Services
from catalog.semantic_model import Language, SemanticModel
from connectors.query import OutputColumn, QueryResult, Receipt

SHARED = frozenset({"base"})
MAX_ROWS = 1_000


@dataclass(frozen=True)
class Asked:
    """A question on its way to a view."""

    services: Services
    question: str
    language: Language
    role: str | None
    trace_id: str

    @property
    def model(self) -> SemanticModel:
        """The semantic model as it is now."""
        return self.services.catalog.model

    def audiences(self) -> Audiences:
        """Whom actions reach, under the asker's role."""
        services = self.services
        return Audiences(
            services.settings, self.model, services.federation, services.clock, self.role
        )

    def say(self, key: str, **values: object) -> str:
        """A text of the locale files."""
        return text(key, self.language, **values)

    def value(self, value: Any, unit: str | None = None) -> str:
        """A value as people say it."""
        return format_value(value, unit, self.language)

    def count(self, number: int) -> str:
        """A number of things."""
        return self.value(number, "count")

    def answer(
        self,
        view: str,
        said: str,
        columns: Sequence[OutputColumn],
        rows: Sequence[tuple[Any, ...]],
        results: Iterable[QueryResult] = (),
        **more: Any,
    ) -> Answer:
        """The Answer of a view; what was read for it stands in SQL and receipt."""
        results = list(results)
        tables = {table for result in results for table in result.tables}
        if tables:
            self.services.usage.add(sorted(tables), self.services.clock.day())
        return Answer(
            status="answered",
            question=self.question,
            language=self.language,
            text=said,
            trace_id=self.trace_id,
            model=ModelUse(view),
            sql=";\n\n".join(dict.fromkeys(result.sql for result in results)) or None,
            columns=tuple(columns),
            rows=tuple(rows[:MAX_ROWS]),
            truncated=len(rows) > MAX_ROWS,
            receipt=receipt(results),
            **more,
        )


class View(Protocol):
    """One kind of question. One file in this folder; its class is named `View`."""

    name: str

    def recognises(self, question: str) -> bool:
        """True for a question this view answers, in German or English."""

    def answer(self, asked: Asked) -> Answer:
        """The answer.

        Raises:
            RundblickError: A query was refused or failed, or the model lacks what it needs.
        """


@cache
def views() -> tuple[View, ...]:
    """One view of every file in this folder, by name."""
    package = importlib.import_module("assistant.views")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{n}") for n in names if n not in SHARED]
    return tuple(module.View() for module in modules)


def view_for(question: str) -> View | None:
    """The first view that recognises the question; None when it is for the translators."""
    return next((view for view in views() if view.recognises(question)), None)


def receipt(results: Sequence[QueryResult]) -> Receipt | None:
    """What left which silo for all of them together; None when nothing was read."""
    if not results:
        return None
    fragments = tuple(f for result in results for f in result.receipt.fragments)
    took = sum(result.receipt.engine_ms for result in results)
    return Receipt(fragments, results[0].receipt.engine, took)
