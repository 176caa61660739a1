"""``rundblick eval``: asks the questions of a file and reports how well they were answered."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from assistant.answer_json import plain
from assistant.evaluation import keeping
from assistant.evaluation.comparing import Comparison, compare
from assistant.evaluation.questions import LANGUAGES, QuestionFile, load_questions
from assistant.evaluation.report_html import html_report
from assistant.evaluation.report_tables import Grid, comparison_grids, facts, grids, miss_lines
from assistant.evaluation.running import Options, Result, Run, run_questions
from assistant.evaluation.summary import Summary, summarise
from assistant.services import Services
from connectors.config import ModelSettings, Settings, load_settings
from connectors.errors import ConfigurationError, RundblickError

OpenServices = Callable[[Settings], Services]
EXIT_MISSES = 1


@dataclass(frozen=True)
class _Choice:
    """Which questions are asked, and where the truth lies."""

    file: Path
    truth: str | None
    split: str | None
    only: tuple[str, ...]
    limit: int | None


@dataclass(frozen=True)
class _Model:
    """Which chat model answers, in place of that of silos.yaml, and where replies are kept."""

    url: str | None
    chat: str
    timeout: float
    record: Path | None
    replay: Path | None

    def settings(self, config: Path) -> Settings:
        """The configuration with the chosen model."""
        settings = load_settings(config)
        model = settings.model
        if self.url or (self.replay and model is None):
            url = self.url or "http://127.0.0.1"
            model = ModelSettings(base_url=url, chat=self.chat, timeout_s=self.timeout)
        kept = self.replay or self.record
        if kept and model is None:
            hint = "Give --model URL, or a model in silos.yaml"
            raise ConfigurationError("there is no chat model to record", hint=hint)
        if kept and model is not None:
            changes = {"recording": kept.absolute(), "replay_only": self.replay is not None}
            model = model.model_copy(update=changes)
        return settings.model_copy(update={"model": model})


File = Annotated[Path, typer.Argument(help="Questions with their gold, in YAML.")]
Config = Annotated[Path, typer.Option("--config", help="Path of silos.yaml.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format")]
Role = Annotated[str | None, typer.Option(help="Narrow your rights to this role.")]
Lang = Annotated[
    Literal["de", "en", "auto"], typer.Option(help="Ask in this language; auto: in both.")
]
Only = Annotated[str, typer.Option(help="Ids of questions, with commas between.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask the first so many.")]
Split = Annotated[Literal["dev", "test"] | None, typer.Option(help="Of this split.")]
Truth = Annotated[str | None, typer.Option(help="DuckDB file that gold is read from.")]
Insights = Annotated[bool, typer.Option(help="Look for drivers too.")]
Html = Annotated[Path | None, typer.Option(help="Write a report.")]
Out = Annotated[Path | None, typer.Option(help="Keep the run.")]
Earlier = Annotated[Path | None, typer.Option("--compare", help="A kept run.")]
Url = Annotated[str | None, typer.Option("--model", help="URL of a chat model's endpoint to use.")]
Chat = Annotated[str, typer.Option(help="Name of the chat model there.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds a reply may take.")]
Record = Annotated[Path | None, typer.Option(help="Keep the model's replies; kept ones are used.")]
Replay = Annotated[Path | None, typer.Option(help="Use kept replies alone; no model is asked.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Questions at a time.")]


def register(cli: typer.Typer, open_services: OpenServices) -> None:
    """Add the command."""

    @cli.command("eval")
    def eval_command(
        file: File,
        config: Config = Path("silos.yaml"),
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
        only: Only = "",
        limit: Limit = None,
        split: Split = None,
        truth: Truth = None,
        insights: Insights = False,
        html: Html = None,
        out: Out = None,
        earlier: Earlier = None,
        model: Url = None,
        chat: Chat = "default",
        timeout: Timeout = 60,
        record: Record = None,
        replay: Replay = None,
        jobs: Jobs = 1,
    ) -> None:
        """Ask the questions of a file and report how well they are answered."""
        ids = tuple(part.strip() for part in only.split(",") if part.strip())
        choice = _Choice(file, truth, split, ids, limit)
        options = Options(LANGUAGES if lang == "auto" else (lang,), role, insights, jobs)
        use = _Model(model, chat, timeout, record, replay)
        try:
            before = keeping.read_run(earlier) if earlier else None
            run = _run(choice, use.settings(config), options, open_services)
            comparison = compare(before, run) if before else None
            if out:
                keeping.write_run(run, out)
            if html:
                keeping.write_text(
                    html, html_report(run, comparison, "de" if lang == "de" else "en")
                )
        except RundblickError as error:
            sys.stderr.write(f"{error.message}\n" + (f"{error.hint}\n" if error.hint else ""))
            raise typer.Exit(error.exit_code) from error
        _show(run, comparison, output)
        raise typer.Exit(0 if run.as_expected else EXIT_MISSES)


def _run(choice: _Choice, settings: Settings, options: Options, open_services: OpenServices) -> Run:
    file = _questions(choice)
    chosen = file.chosen(choice.only, choice.split, choice.limit)
    services = open_services(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("questions", total=None)

            def done(count: int, total: int, key: str) -> None:
                bar.update(task, completed=count, total=total, description=key)

            return run_questions(services, file, chosen, options, done)
    finally:
        services.close()


def _questions(choice: _Choice) -> QuestionFile:
    file = load_questions(choice.file)
    given = str(Path(choice.truth).absolute()) if choice.truth else file.truth
    return replace(file, truth=given)


def _show(run: Run, comparison: Comparison | None, output: str) -> None:
    summary = summarise(run)
    if output == "text":
        Console().print(_report(summary, comparison))
        return
    value: dict[str, Any] = {"summary": plain(summary), "run": keeping.to_json(run)}
    if comparison is not None:
        value["comparison"] = plain(comparison)
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _report(summary: Summary, comparison: Comparison | None) -> Group:
    parts: list[RenderableType] = [_table(grid) for grid in grids(summary)]
    parts += [Text(fact) for fact in facts(summary)]
    parts += [_miss(result) for result in summary.misses]
    if comparison is not None:
        parts += [_table(grid) for grid in comparison_grids(comparison)]
    return Group(*parts)


def _table(grid: Grid) -> Table:
    table = Table(title=f"\n{grid.title}", title_justify="left", box=None, pad_edge=False)
    table.collapse_padding = True
    for place, heading in enumerate(grid.headings):
        left = grid.texts or place == 0
        table.add_column(heading, justify="left" if left else "right", no_wrap=not grid.texts)
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _miss(result: Result) -> Text:
    """Data is never read as markup."""
    said = Text(f"\n{result.outcome}: {result.key}", style="bold")
    said.append(f"\n  {result.question}", style="not bold")
    for name, text in miss_lines(result):
        said.append(f"\n  {name}: {text}", style="not bold dim")
    return said
