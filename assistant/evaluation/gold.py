"""Gold rows: given in the file, read from the truth, or run through the federation."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from assistant.evaluation.questions import Question, QuestionFile, Rows
from assistant.services import Services
from connectors.arrow_types import arrow_type
from connectors.binder import bind
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import ConfigurationError, RundblickError
from connectors.federation import Federation
from connectors.query import OutputColumn
from connectors.schema import SiloSchema
from connectors.silos import connect
from connectors.silos.base import Connector

SECONDS = 120.0
NAME = "truth"
Golds = Mapping[str, Rows]


def read_golds(services: Services, file: QuestionFile, questions: Sequence[Question]) -> Golds:
    """The gold rows of questions by id; a question without gold has none.

    Raises:
        ConfigurationError: A gold cannot be read; the message names file and question.
    """
    golds = {q.id: q.gold_rows for q in questions if q.gold_rows is not None}
    over_truth = [question for question in questions if question.gold]
    if over_truth:
        with closing(Truth(_truth_file(services, file), services)) as truth:
            golds |= {q.id: _read(truth, file, q) for q in over_truth}
    for question in questions:
        if question.gold_sql:
            golds[question.id] = _run(services.federation, file, question)
    return golds


class Truth:
    """A DuckDB file of true rows. Gold is sent as it is written, past the planner."""

    def __init__(self, path: Path, services: Services) -> None:
        settings = SiloSettings(name=NAME, url=f"duckdb:///{path.name}", base=path.parent)
        self._connector: Connector = connect(settings)
        self._clock = services.clock
        self._schema: SiloSchema | None = None

    def rows(self, sql: str) -> Rows:
        """The rows of one SELECT.

        Raises:
            RundblickError: The file is not there, or the SQL does not fit it.
        """
        if self._schema is None:
            self._schema = SiloSchema(self._connector.introspect())
        schema = _schema(bind(sql, self._schema, self._clock).columns)
        with self._connector.read(sql, schema, Deadline.after(SECONDS), Cancellation()) as batches:
            table = pa.Table.from_batches(list(batches), schema=schema)
        columns = [column.to_pylist() for column in table.columns]
        return tuple(zip(*columns, strict=True))

    def close(self) -> None:
        """Close the file."""
        self._connector.close()


def _schema(columns: Sequence[OutputColumn]) -> pa.Schema:
    """Types by place; gold need not name its columns, so two may have one name."""
    return pa.schema([pa.field(f"c{n}", arrow_type(c.type)) for n, c in enumerate(columns)])


def _truth_file(services: Services, file: QuestionFile) -> Path:
    if file.truth is None:
        raise ConfigurationError(
            f"{file.path.name}: truth: missing, but questions have a 'gold' over it",
            hint="Name the DuckDB file of the truth, relative to silos.yaml, or give --truth.",
        )
    return services.settings.path.parent / file.truth


def _read(truth: Truth, file: QuestionFile, question: Question) -> Rows:
    try:
        return truth.rows(question.gold or "")
    except RundblickError as error:
        raise _broken(file, question, "gold", error) from error


def _run(federation: Federation, file: QuestionFile, question: Question) -> Rows:
    try:
        rows = federation.run(question.gold_sql or "").rows()
    except RundblickError as error:
        raise _broken(file, question, "gold_sql", error) from error
    return tuple(tuple(row) for row in rows)


def _broken(
    file: QuestionFile, question: Question, key: str, error: RundblickError
) -> ConfigurationError:
    place = f"{file.path.name}: questions.{question.id}.{key}"
    return ConfigurationError(f"{place}: {error.message}", hint=error.hint)
