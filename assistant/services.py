"""What every question needs, made once at the start and passed in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.answer import ModelUse
from assistant.conversation import Conversations
from assistant.draft import Translator
from assistant.feedback import Recent
from assistant.insights.base import Detector
from assistant.telemetry import Telemetry
from assistant.usage import Usage
from catalog.catalog import Catalog
from catalog.semantic_model import Language
from connectors.clock import Clock
from connectors.config import Settings
from connectors.federation import Federation
from connectors.query import QueryResult


class Narrates(Protocol):
    """Says a result in words, or leaves it to the templates."""

    def say(
        self,
        question: str,
        result: QueryResult,
        language: Language,
        on_text: Callable[[str], None],
    ) -> tuple[str, ModelUse] | None:
        """The text and what it cost; `on_text` gets what holds so far."""


@dataclass(frozen=True)
class Services:
    """All rooms a question passes.

    Attributes:
        translators: In the order they are tried; the last one needs no model.
        detectors: Look for what drives a figure.
        usage: Which tables questions read.
        recent: The last answers, for verdicts on them.
        narrator: Says results in place of the templates; None when no model shall.
        insight_seconds: Time all detectors of one question may take together.
    """

    settings: Settings
    catalog: Catalog
    federation: Federation
    translators: Sequence[Translator]
    detectors: Sequence[Detector]
    clock: Clock
    usage: Usage
    conversations: Conversations = field(default_factory=Conversations)
    recent: Recent = field(default_factory=Recent)
    telemetry: Telemetry = field(default_factory=Telemetry)
    insight_seconds: float = 20.0
    narrator: Narrates | None = None

    def close(self) -> None:
        """Close all connections and the search index, stop the engine."""
        self.federation.close()
        self.catalog.close()
