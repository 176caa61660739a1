"""An Answer as text in a terminal."""

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from assistant.answer import Answer
from assistant.language import format_value, text
from connectors.query import FragmentReceipt

MAX_ROWS = 40


def show_answer(answer: Answer, console: Console) -> None:
    """Text, table, insights, recommendations and the receipt."""
    console.print(Markdown(answer.text))
    if answer.rows:
        console.print(_table(answer))
    if answer.clarification:
        for option in answer.clarification.options:
            console.print(f"  • {option}")
    for ruled in answer.investigation.ruled_out if answer.investigation else ():
        console.print(f"  ✗ {ruled.statement}", style="dim", highlight=False)
    for recommendation in answer.recommendations:
        console.print(Markdown(f"**→ {recommendation.action}**"))
        for line in recommendation.details:
            console.print(f"  {line}", markup=False, highlight=False)
    if answer.plan:
        console.print_json(data=dict(answer.plan))
    for fragment in answer.receipt.fragments if answer.receipt else ():
        console.print(_line(fragment, answer), style="dim", highlight=False)


def _table(answer: Answer) -> Table:
    table = Table()
    for column in answer.columns:
        table.add_column(column.label or column.name, justify="right" if column.unit else "left")
    for row in answer.rows[:MAX_ROWS]:
        cells = zip(row, answer.columns, strict=True)
        shown = (format_value(c.shown(value), c.unit, answer.language) for value, c in cells)
        table.add_row(*shown)
    return table


def _line(fragment: FragmentReceipt, answer: Answer) -> str:
    return text(
        "receipt.line",
        answer.language,
        silo=fragment.silo,
        rows=format_value(fragment.rows, "count", answer.language),
        bytes=format_value(fragment.bytes, "count", answer.language),
        ms=round(fragment.ms),
    )
