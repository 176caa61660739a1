"""What every question needs, made once at the start and passed in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.conversation import Conversations
from assistant.draft import Translator
from assistant.feedback import Recent
from assistant.insights.base import Detector
from assistant.telemetry import Telemetry
from assistant.usage import Usage
from catalog.catalog import Catalog
from connectors.clock import Clock
from connectors.config import Settings
from connectors.federation import Federation


@dataclass(frozen=True)
class Services:
    """All rooms a question passes.

    Attributes:
        translators: In the order they are tried; the last one needs no model.
        detectors: Look for what drives a figure.
        usage: Which tables questions read.
        recent: The last answers, for verdicts on them.
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

    def close(self) -> None:
        """Close all connections and the search index, stop the engine."""
        self.federation.close()
        self.catalog.close()
