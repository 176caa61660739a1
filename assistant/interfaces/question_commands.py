"""``rundblick catalog questions``: what people's feedback offers as verified questions."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assistant.answer_json import plain
from assistant.candidates import Candidate, accept, candidates, reject
from catalog.catalog import Catalog
from catalog.yaml_nodes import nearest
from connectors.binder import bind
from connectors.clock import Clock
from connectors.config import Settings, load_settings
from connectors.errors import ConfigurationError, UsageError

Shown = Callable[[Callable[[], Any], str, str], None]


def add_command(group: typer.Typer, shown: Shown) -> None:
    """Add the command to the group; `shown` runs the work and prints what it gives."""

    @group.command("questions")
    def questions_command(
        config: Annotated[Path, typer.Option("--config", help="Path of silos.yaml.")] = Path(
            "silos.yaml"
        ),
        output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
        lang: Annotated[Literal["de", "en", "auto"], typer.Option("--lang")] = "auto",
        accepted: Annotated[
            str, typer.Option("--accept", help="Make this candidate a verified question.")
        ] = "",
        rejected: Annotated[str, typer.Option("--reject", help="Do not list it again.")] = "",
        by: Annotated[str, typer.Option("--by", help="Who has checked it.")] = "",
    ) -> None:
        """List candidates for verified questions from feedback; accept or reject one."""
        shown(lambda: _decided(load_settings(config), accepted, rejected, by), output, lang)


def _decided(settings: Settings, accepted: str, rejected: str, by: str) -> Any:
    catalog = Catalog.open(settings)
    listed = candidates(settings.catalog.path, catalog.model)
    if not accepted and not rejected:
        return [plain(candidate) for candidate in listed]
    if accepted and rejected:
        raise UsageError("accept or reject, not both at once")
    if not by:
        raise UsageError("nobody is named", hint="Say who has checked it: --by NAME")
    chosen = _chosen(listed, accepted or rejected)
    if rejected:
        reject(chosen, by, settings.catalog.path)
        return {"rejected": chosen.id, "question": chosen.question}
    if settings.semantic is None:
        message = "there is no folder of semantic files to write to"
        raise ConfigurationError(message, hint="Set 'semantic' in silos.yaml")
    bind(chosen.sql, catalog.schema, Clock.from_environment(settings.today))
    path = accept(chosen, by, settings.catalog.path, settings.semantic)
    return {"accepted": chosen.id, "question": chosen.question, "file": str(path)}


def _chosen(listed: tuple[Candidate, ...], name: str) -> Candidate:
    found = next((candidate for candidate in listed if candidate.id == name), None)
    if found is None:
        near = nearest(name, (candidate.id for candidate in listed))
        hint = near or "List them: rundblick catalog questions"
        raise UsageError(f"there is no candidate {name!r}", hint=hint)
    return found
