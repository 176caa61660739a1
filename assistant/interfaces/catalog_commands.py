"""``rundblick catalog``: refresh, show, search, links, diff; files in `model_commands`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from assistant import catalog_views
from assistant.interfaces import model_commands, question_commands
from assistant.language import text
from assistant.refreshing import broken_after
from assistant.services import Services
from catalog import refresh as refreshing
from connectors.config import Settings, load_settings
from connectors.errors import RundblickError

OpenServices = Callable[[Settings], Services]
View = Callable[[Services], list[dict[str, Any]]]
Config = Annotated[Path, typer.Option("--config", help="Path of silos.yaml.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="Output format.")]
Role = Annotated[str | None, typer.Option("--role", help="Narrow your rights to this role.")]
Lang = Annotated[Literal["de", "en", "auto"], typer.Option("--lang", help="Of words, messages.")]
SILOS_YAML = Path("silos.yaml")


def create(open_services: OpenServices) -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="The catalog of all silos.", no_args_is_help=True)
    _refresh_command(group)
    _table_commands(group, open_services)
    _link_commands(group, open_services)
    model_commands.add_commands(group, _shown)
    question_commands.add_command(group, _shown)
    return group


def _refresh_command(group: typer.Typer) -> None:
    @group.command("refresh")
    def refresh_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        silo: Annotated[list[str] | None, typer.Option(help="Only this silo.")] = None,
        profile: Annotated[bool, typer.Option(help="Read light statistics too.")] = True,
        lang: Lang = "auto",
    ) -> None:
        """Read the schemas of all silos and write the catalog and its index."""

        def work() -> dict[str, Any]:
            settings = load_settings(config)
            report = refresh_with_bar(settings, profile, silo)
            told = dict(broken_after(settings, report))
            return {**told, "broken": _lines(told["broken"])} if output == "text" else told

        _shown(work, output, lang)


def _lines(broken: list[dict[str, Any]]) -> list[str]:
    return [f"{item['part']} {item['name']}: {item['problem']}" for item in broken]


def refresh_with_bar(
    settings: Settings, profile: bool = True, silos: list[str] | None = None
) -> refreshing.RefreshReport:
    """Refresh the catalog with a progress bar on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("catalog", total=None)

        def show(step: refreshing.Progress) -> None:
            bar.update(task, completed=step.done, total=step.total, description=step.what)

        return refreshing.refresh(settings, profile=profile, silos=silos, progress=show)


def _viewer(open_services: OpenServices) -> Callable[[Path, str, str, View], None]:
    """Opens the services, shows a view of them and closes them."""

    def viewed(config: Path, output: str, lang: str, view: View) -> None:
        def work() -> list[dict[str, Any]]:
            services = open_services(load_settings(config))
            try:
                return view(services)
            finally:
                services.close()

        _shown(work, output, lang)

    return viewed


def _table_commands(group: typer.Typer, open_services: OpenServices) -> None:
    viewed = _viewer(open_services)

    @group.command("show")
    def show_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
    ) -> None:
        """All tables the role may read."""
        viewed(config, output, lang, lambda services: catalog_views.tables(services, role))

    @group.command("inventory")
    def inventory_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
    ) -> None:
        """Which systems hold what, whose it is, how fit it is, and what is missing."""

        def view(services: Services) -> list[dict[str, Any]]:
            rows = catalog_views.stock_of(services, role)
            return [_brief_silo(row) for row in rows] if output == "text" else rows

        viewed(config, output, lang, view)

    @group.command("search")
    def search_command(
        words: str,
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
    ) -> None:
        """Tables, metrics and terms that fit some words, best first."""
        language = None if lang == "auto" else lang

        def view(services: Services) -> list[dict[str, Any]]:
            return catalog_views.search(services, words, role, language=language)

        viewed(config, output, lang, view)


def _brief_silo(row: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(table["name"].rsplit(".", 1)[-1] for table in row["tables"])
    kept = {key: row[key] for key in ("name", "kind", "owner", "purpose")}
    return {**kept, "tables": names, "gaps": ", ".join(row["gaps"])}


def _link_commands(group: typer.Typer, open_services: OpenServices) -> None:
    viewed = _viewer(open_services)

    @group.command("links")
    def links_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
    ) -> None:
        """How people and things are recognised across silos: declared and proposed links."""

        def view(services: Services) -> list[dict[str, Any]]:
            rows = catalog_views.links(services, role)
            return [_brief_link(row) for row in rows] if output == "text" else rows

        viewed(config, output, lang, view)

    @group.command("diff")
    def diff_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
    ) -> None:
        """What changed between the last two versions of the catalog."""
        viewed(config, output, lang, lambda services: catalog_views.changes(services, role))


def _brief_link(row: dict[str, Any]) -> dict[str, Any]:
    """A link in few columns; both sides one below the other, as their names are long."""
    rate, score = row["match_rate"], row["score"]
    return {
        "link": f"{row['left']}\n→ {row['right']}",
        "normaliser": row["normaliser"],
        "match": None if rate is None else f"{100 * rate:.1f} %",
        "fan-out": row["fan_out"],
        "origin": row["origin"] if score is None else f"proposed\n{row['reason']}, {score:.2f}",
        "measured": row["measured_at"] and f"{row['measured_at'][:10]}\n{row['method']}",
    }


def _shown(work: Callable[[], Any], output: str, lang: str) -> None:
    try:
        value = work()
    except RundblickError as error:
        if output == "json":
            problem = {"code": error.code, "message": error.message, "hint": error.hint}
            sys.stdout.write(json.dumps({"error": problem}, ensure_ascii=False) + "\n")
        said = text(f"errors.{error.code}", "de" if lang == "de" else "en", silo=error.silo or "?")
        lines = [said, error.message, error.hint]
        sys.stderr.write("\n".join(line for line in lines if line) + "\n")
        raise typer.Exit(error.exit_code) from error
    if output == "json":
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        _show(value, Console())


def _show(value: Any, console: Console) -> None:
    rows = value if isinstance(value, list) else [value]
    if not rows:
        console.print("–")
        return
    table = Table()
    names = [name for name in rows[0] if name != "columns"]
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return "–" if value is None else str(value)
