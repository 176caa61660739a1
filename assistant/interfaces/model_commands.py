"""``rundblick catalog check|propose|export|import``: the semantic model as files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assistant.model_check import check_model
from catalog import semantic_writer
from catalog.catalog import Catalog
from catalog.dbt_import import is_dbt, read_dbt
from catalog.metric_glossary import ambiguous, definitions
from catalog.ossie import from_ossie, to_ossie
from catalog.proposal import propose, write
from catalog.proposal.write import write_files
from catalog.semantic_files import GLOSSARY, load_semantic_model, read_glossary
from catalog.semantic_model import Language
from catalog.yaml_nodes import read_document
from connectors.clock import Clock
from connectors.config import Settings, load_settings
from connectors.errors import CatalogMissing, ConfigurationError
from connectors.schema import SiloSchema

Shown = Callable[[Callable[[], Any], str, str], None]
Config = Annotated[Path, typer.Option("--config", help="Path of silos.yaml.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="Output format.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder to write to.")]
Lang = Annotated[Literal["de", "en", "auto"], typer.Option("--lang", help="Language of names.")]
SILOS_YAML = Path("silos.yaml")
PROPOSED, EXPORTED, IMPORTED = "semantic-proposed", "semantic-ossie", "semantic-imported"


def add_commands(group: typer.Typer, shown: Shown) -> None:
    """Add the commands to the group; `shown` runs the work and prints what it gives."""
    _check_command(group, shown)
    _propose_command(group, shown)
    _export_command(group, shown)
    _import_command(group, shown)
    _glossary_command(group, shown)


def _glossary_command(group: typer.Typer, shown: Shown) -> None:
    @group.command("glossary")
    def glossary_command(output: Format = "text", lang: Lang = "auto") -> None:
        """How the trade computes its metrics, in which variants, and which words mean several."""
        shown(lambda: _glossary("de" if lang == "de" else "en"), output, lang)


def _glossary(language: Language) -> list[dict[str, Any]]:
    metrics = [
        {
            "name": item.labels[language],
            "formula": item.formula,
            "variants": [f"{name}: {formula}" for name, formula in item.variants.items()],
            "note": "; ".join(filter(None, (item.caveat, item.source))),
        }
        for item in definitions()
    ]
    words = [
        {
            "name": " / ".join(item.words),
            "formula": "ask which" if language == "en" else "nachfragen",
            "variants": [f"{name}: {meaning}" for name, meaning in item.meanings.items()],
            "note": "",
        }
        for item in ambiguous()
    ]
    return metrics + words


def _check_command(group: typer.Typer, shown: Shown) -> None:
    @group.command("check")
    def check_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        lang: Lang = "auto",
        semantic: Annotated[
            Path | None, typer.Option("--semantic", help="Another folder of semantic files.")
        ] = None,
    ) -> None:
        """Check silos.yaml and the semantic files against the catalog, without reaching a silo."""
        shown(lambda: _checked(load_settings(config), semantic), output, lang)


def _checked(settings: Settings, folder: Path | None) -> dict[str, Any]:
    model = load_semantic_model(folder or settings.semantic)
    found = {
        "silos": len(settings.silos),
        "datasets": len(model.datasets),
        "metrics": len(model.metrics),
    }
    schema = _schema(settings)
    if schema is None:
        return found | {"checked_against_catalog": False}
    problems = check_model(model, schema, Clock.from_environment(settings.today))
    if problems:
        lines = [f"{p.kind} {p.name}: {p.problem}" for p in problems]
        message = f"{len(problems)} parts of the semantic model do not fit the catalog:\n"
        hint = "Correct the semantic files, or run `rundblick catalog refresh` when they are newer"
        raise ConfigurationError(message + "\n".join(lines), hint=hint)
    return found | {"checked_against_catalog": True}


def _schema(settings: Settings) -> SiloSchema | None:
    """The catalog's tables; None when it was never read."""
    try:
        return Catalog.open(settings.model_copy(update={"semantic": None})).schema
    except CatalogMissing:
        return None


def _propose_command(group: typer.Typer, shown: Shown) -> None:
    @group.command("propose")
    def propose_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        lang: Lang = "auto",
        silo: Annotated[str | None, typer.Option("--silo", help="Only this silo.")] = None,
        out: Out = None,
        glossary: Annotated[
            Path | None, typer.Option("--glossary", help="A glossary.yaml to link.")
        ] = None,
        force: Force = False,
    ) -> None:
        """Propose a semantic model from the catalog, as YAML files to review."""
        shown(lambda: _proposed(load_settings(config), silo, out, glossary, force), output, lang)


def _proposed(
    settings: Settings, silo: str | None, out: Path | None, glossary: Path | None, force: bool
) -> dict[str, Any]:
    if silo is not None and silo not in {known.name for known in settings.silos}:
        raise ConfigurationError(f"there is no silo {silo!r} in {str(settings.path)!r}")
    catalog = Catalog.open(settings)
    place = glossary or (settings.semantic / GLOSSARY if settings.semantic else None)
    terms = read_glossary(place) if place is not None and place.exists() else ()
    made = propose(catalog.schema, settings.silos, only=silo, terms=terms)
    files = write(made, out or settings.path.parent / PROPOSED, force=force)
    model = made.model()
    return {
        "files": [str(path) for path in files],
        "datasets": len(model.datasets),
        "relationships": len(model.relationships),
        "metrics": len(model.metrics),
        "terms_linked": sum(term.proposed is not None for term in made.terms),
        "left_out": [f"{name}: {reason}" for name, reason in made.left_out.items()],
    }


def _export_command(group: typer.Typer, shown: Shown) -> None:
    @group.command("export")
    def export_command(
        config: Config = SILOS_YAML,
        output: Annotated[
            Literal["text", "json", "ossie"],
            typer.Option("--format", help="ossie gives the documents themselves, as JSON."),
        ] = "text",
        lang: Lang = "auto",
        out: Out = None,
        force: Force = False,
    ) -> None:
        """Write the semantic model as Apache Ossie 0.2 documents."""
        if output == "ossie" and out is None:
            shown(lambda: _documents(load_settings(config)), "json", lang)
        else:
            form = "json" if output == "ossie" else output
            shown(lambda: _exported(load_settings(config), out, force), form, lang)


def _documents(settings: Settings) -> dict[str, Any]:
    return to_ossie(load_semantic_model(settings.semantic))


def _exported(settings: Settings, out: Path | None, force: bool) -> dict[str, Any]:
    folder = out or settings.path.parent / EXPORTED
    texts = {name: semantic_writer.text(item) for name, item in _documents(settings).items()}
    files = write_files(texts, folder, force=force, check=False)
    return {"files": [str(path) for path in files]}


def _import_command(group: typer.Typer, shown: Shown) -> None:
    @group.command("import")
    def import_command(
        folder: Annotated[Path, typer.Argument(help="Ossie documents, or dbt's YAML files.")],
        config: Config = SILOS_YAML,
        output: Format = "text",
        lang: Lang = "auto",
        out: Out = None,
        force: Force = False,
    ) -> None:
        """Read Ossie documents or dbt's semantic models as semantic files."""
        shown(lambda: _imported(load_settings(config), folder, out, force), output, lang)


def _imported(settings: Settings, folder: Path, out: Path | None, force: bool) -> dict[str, Any]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml", ".json"))
    if not paths:
        message = f"no YAML or JSON files in {str(folder)!r}"
        raise ConfigurationError(message, hint="Name a folder with Ossie or dbt files")
    goal = out or settings.path.parent / IMPORTED
    documents = {path: dict(read_document(path).data) for path in paths}
    theirs = [path for path, document in documents.items() if is_dbt(document)]
    if theirs:
        return _of_dbt(settings, theirs, goal, force)
    content = from_ossie({path.with_suffix(".yaml").name: d for path, d in documents.items()})
    texts = {name: semantic_writer.text(item) for name, item in content.items()}
    files = write_files(texts, goal, force=force)
    return {"files": [str(path) for path in files], "not_represented": []}


def _of_dbt(settings: Settings, paths: list[Path], goal: Path, force: bool) -> dict[str, Any]:
    catalog = Catalog.open(settings.model_copy(update={"semantic": None}))
    made = read_dbt(paths, catalog.schema)
    lost = [f"{item.part}: {item.reason}" for item in made.lost]
    files: tuple[Path, ...] = ()
    if made.datasets:
        content = semantic_writer.document("dbt", made.datasets, made.relationships, made.metrics)
        files = write_files({"dbt.yaml": semantic_writer.text(content)}, goal, force=force)
    found = {"datasets": len(made.datasets), "metrics": len(made.metrics)}
    return {"files": [str(path) for path in files], **found, "not_represented": lost}
