"""The report as one HTML file that needs nothing else; every text in it is escaped."""

from collections.abc import Sequence
from html import escape

from assistant.evaluation.comparing import Comparison
from assistant.evaluation.report_tables import (
    Grid,
    comparison_grids,
    facts,
    grids,
    miss_lines,
)
from assistant.evaluation.running import Result, Run
from assistant.evaluation.summary import Point, summarise
from assistant.language import text
from catalog.semantic_model import Language

STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #8886; text-align: right; }
th:first-child, td:first-child, .texts th, .texts td { text-align: left; }
.wide { overflow-x: auto; }
summary { cursor: pointer; padding: .2rem 0; }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem .8rem; margin: .4rem 0 1rem 1rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
svg { max-width: 32rem; width: 100%; } svg text { font: 11px system-ui; fill: currentColor; }
.axis { stroke: currentColor; opacity: .5; } .line { fill: none; stroke: #2a78d6; stroke-width: 2; }
.dot { fill: #2a78d6; }
"""
WIDTH, HEIGHT, LEFT, BOTTOM = 480, 240, 44, 30


def html_report(run: Run, comparison: Comparison | None = None, language: Language = "en") -> str:
    """The whole page, its headings and sentences in a language."""
    summary = summarise(run)
    title = text("report.title", language, file=run.file)
    when, names = f"{run.began:%Y-%m-%d %H:%M}", ", ".join(run.translators)
    began = text("report.began", language, began=when, translators=names)
    parts = [f"<h1>{escape(title)}</h1><p>{escape(began)}</p>"]
    parts += [f"<p>{escape(fact)}</p>" for fact in facts(summary, language)]
    if comparison is not None:
        parts.append(f"<h2>{escape(text('report.compared', language))}</h2>")
        parts += [_table(grid) for grid in comparison_grids(comparison, language)]
    parts.append(f"<h2>{escape(text('report.figures', language))}</h2>")
    parts += [_table(grid) for grid in grids(summary, language)]
    parts.append(_curve(summary.curve, language))
    parts.append(f"<h2>{text('report.misses', language, count=len(summary.misses))}</h2>")
    parts += [_miss(result) for result in summary.misses]
    return _page(title, "\n".join(parts), language)


def _page(title: str, body: str, language: Language) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    start = f'<!doctype html>\n<html lang="{language}"><head>{head}</head>'
    return f"{start}<body>\n{body}\n</body></html>\n"


def _table(grid: Grid) -> str:
    kind = ' class="texts"' if grid.texts else ""
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in grid.headings)
    rows = "\n".join(_row(row) for row in grid.rows)
    return (
        f'<h3>{escape(grid.title)}</h3><div class="wide"><table{kind}>'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>"
    )


def _row(row: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"


def _miss(result: Result) -> str:
    head = f"<b>{escape(result.key)}</b> {escape(result.outcome)}: {escape(result.question)}"
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(line)}</dd>" for name, line in miss_lines(result)
    )
    return f"<details><summary>{head}</summary><dl>{lines}</dl></details>"


def _curve(points: Sequence[Point], language: Language) -> str:
    """Risk by coverage as a line; both axes from 0 to 100 %."""
    places = [(LEFT + p.coverage * (WIDTH - LEFT), _height(p.risk)) for p in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
    base = HEIGHT - BOTTOM
    return (
        f'<svg role="img" aria-label="{text("report.curve", language)}"'
        f' viewBox="0 -8 {WIDTH + 12} {HEIGHT + 8}">'
        f'<path class="axis" fill="none" d="M{LEFT} 0 V{base} H{WIDTH}"/>'
        f'<text x="0" y="8">100 %</text><text x="0" y="{base}">0 %</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{text("report.covered", language)}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 8}" text-anchor="end">100 %</text>'
        f'<text x="0" y="{base / 2}">{text("report.wrong", language)}</text>'
        f'<polyline class="line" points="{line}"/>{dots}</svg>'
    )


def _height(risk: float) -> float:
    return (1 - risk) * (HEIGHT - BOTTOM)
