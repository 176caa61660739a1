"""Builds the services from settings and starts the command line; nothing else."""

from collections.abc import Sequence
from importlib.metadata import version

from assistant.draft import Translator
from assistant.insights.base import detectors
from assistant.interfaces.cli import create_cli
from assistant.services import Narrates, Services
from assistant.translators import semantic, verified
from assistant.usage import Usage
from catalog.catalog import Catalog
from connectors.binder import bind
from connectors.clock import Clock
from connectors.config import ModelSettings, Settings
from connectors.federation import Federation
from connectors.query import QueryResult


def open_services(settings: Settings) -> Services:
    """All rooms over one configuration; no silo is connected yet.

    Raises:
        CatalogMissing: The catalog was never refreshed.
        ConfigurationError: The policy, the semantic model or the engine is wrong.
    """
    clock = Clock.from_environment(settings.today)
    catalog = Catalog.open(settings)
    federation = Federation.open(settings, lambda: catalog.schema, clock=clock)
    usage = Usage(settings.catalog.path)
    translators = _translators(settings, catalog, federation, clock)
    return Services(
        settings,
        catalog,
        federation,
        translators,
        detectors(),
        clock,
        usage,
        narrator=_narrator(settings.model),
    )


def _narrator(model: ModelSettings | None) -> Narrates | None:
    """Says results with the chat model, when asked to and when it may see figures."""
    wanted = model is not None and model.narration == "model" and model.privacy != "none"
    if model is None or not model.chat or not wanted:
        return None
    from assistant.chat_model import ChatModel
    from assistant.narrator import Narrator

    return Narrator(ChatModel(model))


def _translators(
    settings: Settings, catalog: Catalog, federation: Federation, clock: Clock
) -> Sequence[Translator]:
    """Checked questions first, a chat model's when one is configured, the one without one last."""
    checked = verified.Translator(lambda: catalog.model, clock)
    plain = semantic.Translator(lambda: (catalog.model, catalog.schema), clock)
    if settings.model is None or not settings.model.chat:
        return (checked, plain)
    return (checked, _drafting(settings.model, catalog, federation, clock), plain)


def _drafting(
    model: ModelSettings, catalog: Catalog, federation: Federation, clock: Clock
) -> Translator:
    # LangChain takes seconds to import; only a configured model needs it.
    from assistant.chat_model import ChatModel
    from assistant.checks import Reviewer
    from assistant.drafting import Tools
    from assistant.probing import Prober
    from assistant.translators import llm
    from assistant.voting import Voter

    show_values = model.privacy != "none"

    def run(sql: str, role: str | None, rows: int, seconds: float) -> QueryResult:
        return federation.run(sql, role=role, max_rows=rows, timeout_s=seconds)

    reviewer = Reviewer(
        model=lambda: catalog.model,
        bind=lambda sql: bind(sql, catalog.schema, clock),
        clock=clock,
        prober=Prober(run),
        show_values=show_values,
    )
    tools = Tools(
        search=lambda words, asked: catalog.search(
            words, asked.language, role_tables=federation.readable(asked.role)
        ),
        check=lambda sql, role: federation.secure(sql, role=role),
        reviewer=reviewer,
    )
    chat = ChatModel(model)
    voter = Voter(run, model.drafts) if model.drafts > 1 else None
    return llm.Translator(chat, tools, clock, show_values=show_values, voter=voter)


cli = create_cli(open_services, version("rundblick"))


def main() -> None:
    """The command ``rundblick``."""
    cli()


if __name__ == "__main__":
    main()
