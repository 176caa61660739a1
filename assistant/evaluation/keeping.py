"""Keeps a run as JSON and reads it back, to compare it with a later one."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.answer_json import plain
from assistant.evaluation.running import Run
from connectors.errors import ConfigurationError

_RUN: TypeAdapter[Run] = TypeAdapter(Run)


def to_json(run: Run) -> dict[str, Any]:
    """A run as plain JSON values."""
    made: dict[str, Any] = plain(run)
    return made


def write_run(run: Run, path: Path) -> None:
    """Write a run to a file.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    write_text(path, json.dumps(to_json(run), ensure_ascii=False, indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {str(path)!r}: {error.strerror}") from error


def read_run(path: Path) -> Run:
    """A run that was kept.

    Raises:
        ConfigurationError: The file cannot be read, or holds no run.
    """
    try:
        run = _RUN.validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read {str(path)!r}: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "the file"
        hint = "Keep a run with: rundblick eval FILE --out run.json"
        raise ConfigurationError(f"{path.name}: {place}: {problem['msg']}", hint=hint) from error
    if not run.results:
        raise ConfigurationError(f"{path.name}: the run has no results")
    return run
