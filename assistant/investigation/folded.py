"""How causes were looked for, as HTML that opens on a click."""

from html import escape

from assistant.answer import Investigation
from assistant.language import format_value, text
from catalog.semantic_model import Language


def folded(found: Investigation, language: Language) -> str:
    """The number of tests, what they cost, and what was ruled out; all text escaped."""
    spent = found.spent
    summary = text(
        "why.summary",
        language,
        tests=found.tests,
        confirmed=found.confirmed,
        fragments=spent["fragments"],
        kilobytes=round(spent["bytes"] / 1000),
        seconds=format_value(spent["seconds"], "ratio", language),
    )
    lines = "".join(f"<li>{escape(ruled.statement)}</li>" for ruled in found.ruled_out)
    title = escape(text("why.title", language))
    return f"<details><summary>{title}</summary><p>{escape(summary)}</p><ul>{lines}</ul></details>"
