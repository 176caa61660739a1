"""The command line: ask, sql, catalog, eval, serve, mcp, demo. JSON goes to stdout alone."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from assistant.activation import export
from assistant.answer import Answer
from assistant.answer_json import to_json
from assistant.failures import EXIT_FAILED, EXIT_USAGE, exit_code, failure
from assistant.interfaces import catalog_commands, companies_command, eval_command
from assistant.interfaces.serving import serve
from assistant.interfaces.terminal import show_answer
from assistant.language import detect_language, text
from assistant.pipeline import NO_MODEL, AskRequest, SqlRequest, ask, run_sql
from assistant.services import Services
from assistant.views.base import Asked
from catalog.semantic_model import Language
from connectors.config import Settings, load_settings
from connectors.errors import ConfigurationError, RundblickError

OpenServices = Callable[[Settings], Services]
Config = Annotated[Path, typer.Option("--config", help="Path of silos.yaml.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="Output format.")]
Role = Annotated[str | None, typer.Option("--role", help="Narrow your rights to this role.")]
Lang = Annotated[Literal["de", "en", "auto"], typer.Option("--lang", help="Answer language.")]
SILOS_YAML = Path("silos.yaml")


def create_cli(open_services: OpenServices, version: str) -> typer.Typer:
    """The whole command line; `open_services` builds the rooms of one configuration."""
    cli = typer.Typer(
        help="Answers questions from databases that stay where they are.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    _question_commands(cli, open_services)
    _people_commands(cli, open_services)
    _server_commands(cli, open_services, version)
    eval_command.register(cli, open_services)
    companies_command.register(cli)
    cli.add_typer(catalog_commands.create(open_services), name="catalog")
    return cli


def _question_commands(cli: typer.Typer, open_services: OpenServices) -> None:
    @cli.command("ask")
    def ask_command(
        question: str,
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
        partial_ok: Annotated[bool, typer.Option(help="Leave out silos that are down.")] = False,
    ) -> None:
        """Answer a question in German or English."""
        language = None if lang == "auto" else lang
        asked = AskRequest(question, None, role, language, partial_ok)
        on_step = (lambda step: _note(f"{step.label} …")) if output == "text" else _silent
        _answer(
            lambda services: ask(services, asked, on_step),
            (question, language or detect_language(question)),
            config,
            output,
            open_services,
        )

    @cli.command("sql")
    def sql_command(
        sql: str,
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Lang = "auto",
        explain: Annotated[bool, typer.Option("--explain", help="Plan, do not run.")] = False,
        max_rows: Annotated[int | None, typer.Option("--max-rows", min=1)] = None,
    ) -> None:
        """Run one SELECT over tables named silo.schema.table."""
        language: Language = "de" if lang == "de" else "en"
        asked = SqlRequest(sql, explain, max_rows, role, language)
        _answer(
            lambda services: run_sql(services, asked),
            (sql, language),
            config,
            output,
            open_services,
        )


def _people_commands(cli: typer.Typer, open_services: OpenServices) -> None:
    @cli.command("next-actions")
    def next_actions_command(
        config: Config = SILOS_YAML,
        output: Format = "text",
        role: Role = None,
        lang: Annotated[Language, typer.Option("--lang", help="Answer language.")] = "en",
        export_to: Annotated[
            Path | None, typer.Option("--export", help="Write the list to this CSV file.")
        ] = None,
        approved_by: Annotated[str, typer.Option(help="Who approves the export.")] = "",
    ) -> None:
        """Whom to contact tomorrow, with which offer, on which channel: a dry run."""
        question = text("next.question", lang)
        if export_to is not None:
            _export(export_to, approved_by, open_services, config, (question, lang, role))
            return
        asked = AskRequest(question, None, role, lang)
        _answer(
            lambda services: ask(services, asked), (question, lang), config, output, open_services
        )


def _export(
    target: Path,
    approved_by: str,
    open_services: OpenServices,
    config: Path,
    asked: tuple[str, Language, str | None],
) -> None:
    """Write the approved list of people to a file."""
    services = open_or_exit(open_services, config)
    question, lang, role = asked
    try:
        made = export(Asked(services, question, lang, role, ""), approved_by)
        target.write_text(made, encoding="utf-8-sig")
    except OSError as error:
        fail(ConfigurationError(f"cannot write {str(target)!r}: {error.strerror}"))
    except RundblickError as error:
        fail(error)
    finally:
        services.close()
    _note(f"{target}: {len(made.splitlines()) - 1}")


def _silent(_: object) -> None:
    """No steps in JSON output."""


def _answer(
    work: Callable[[Services], Answer],
    asked: tuple[str, Language],
    config: Path,
    output: str,
    open_services: OpenServices,
) -> None:
    """Run one question, asked in a language, print its Answer, exit with its code."""
    quiet_logs()
    try:
        services = open_services(load_settings(config))
    except RundblickError as error:
        answer = failure(error, *asked, NO_MODEL, "none")
    else:
        try:
            answer = work(services)
        finally:
            services.close()
    if output == "json":
        print_json(to_json(answer))
    else:
        show_answer(answer, Console())
    raise typer.Exit(exit_code(answer))


def _server_commands(cli: typer.Typer, open_services: OpenServices, version: str) -> None:
    @cli.command("serve")
    def serve_command(
        config: Config = SILOS_YAML,
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=1, max=65_535)] = 7860,
    ) -> None:
        """Serve the chat, the HTTP API and MCP."""
        services = open_or_exit(open_services, config)
        serve(services, version, host, port)

    @cli.command("mcp")
    def mcp_command(config: Config = SILOS_YAML) -> None:
        """Serve the MCP tools over standard input and output."""
        from assistant.interfaces.mcp import create_mcp  # heavy; only this command needs it

        services = open_or_exit(open_services, config)
        try:
            create_mcp(services, version).run()
        finally:
            services.close()

    @cli.command("demo")
    def demo_command(
        folder: Annotated[Path, typer.Option(help="Where the demo lives.")] = Path(".demo"),
        port: Annotated[int, typer.Option(min=1, max=65_535)] = 7860,
        no_serve: Annotated[bool, typer.Option("--no-serve", help="Only build it.")] = False,
    ) -> None:
        """Build a fictitious company in real databases and serve it."""
        from assistant.interfaces.demo_command import run_demo  # needs the demo's drivers

        quiet_logs()
        try:
            run_demo(folder, None if no_serve else port, open_services, version, _note)
        except RundblickError as error:
            fail(error)


def open_or_exit(open_services: OpenServices, config: Path) -> Services:
    """The services of a configuration; on an error its text and exit code."""
    quiet_logs()
    try:
        return open_services(load_settings(config))
    except RundblickError as error:
        fail(error)
        raise


def fail(error: RundblickError) -> None:
    """Say what went wrong on stderr and exit with the error's code."""
    _note(f"{error.message}\n{error.hint}" if error.hint else error.message)
    configuration = isinstance(error, ConfigurationError)
    raise typer.Exit(EXIT_USAGE if configuration else error.exit_code or EXIT_FAILED)


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def quiet_logs() -> None:
    """Warnings and worse to stderr."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )


def _note(said: str) -> None:
    sys.stderr.write(said + "\n")
