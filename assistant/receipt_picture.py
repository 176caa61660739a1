"""The receipt as a small flow picture: silos, what left them, the engine, the answer."""

from html import escape

from assistant.language import format_value, text
from catalog.semantic_model import Language
from connectors.query import FragmentReceipt, Receipt

ROW = 74
BOX = 54
WIDTH = 860
STYLE = (
    "<style>.rb-box{fill:none;stroke:currentColor;stroke-width:1.4;rx:8}"
    ".rb-line{stroke:currentColor;stroke-width:1.6;opacity:.55;fill:none}"
    ".rb-name{font:600 14px system-ui,sans-serif;fill:currentColor}"
    ".rb-note{font:12px system-ui,sans-serif;fill:currentColor;opacity:.75}</style>"
)


def picture(receipt: Receipt, answer_rows: int, language: Language) -> str:
    """The receipt as inline SVG; names are escaped."""
    height = max(1, len(receipt.fragments)) * ROW + 20
    middle = height / 2
    parts = [_fragment(f, i * ROW + 10, middle, language) for i, f in enumerate(receipt.fragments)]
    engine = text("receipt.engine", language)
    took = f"{receipt.engine} · {round(receipt.engine_ms)} ms"
    parts.append(_box(455, middle - BOX / 2, 175, engine, took))
    parts.append(_line(630, middle, 690, middle))
    count = format_value(answer_rows, "count", language)
    rows = text("receipt.rows", language, rows=count)
    parts.append(_box(690, middle - BOX / 2, 160, text("receipt.answer", language), rows))
    body = "".join(parts)
    label = escape(text("receipt.title", language))
    size = f'viewBox="0 0 {WIDTH} {height}" width="100%" style="max-width:{WIDTH}px"'
    return f'<svg role="img" aria-label="{label}" {size}>{STYLE}{body}</svg>'


def _fragment(fragment: FragmentReceipt, top: float, middle: float, language: Language) -> str:
    rows = text("receipt.rows", language, rows=format_value(fragment.rows, "count", language))
    note = f"{fragment.dialect} · {round(fragment.ms)} ms"
    left = f"{rows} · {_size(fragment.bytes)}"
    if fragment.keys_sent:
        keys = format_value(fragment.keys_sent, "count", language)
        left += " · " + text("receipt.keys", language, keys=keys)
    y = top + BOX / 2
    written = f'<text class="rb-note" x="225" y="{y - 7}">{escape(left)}</text>'
    return _box(10, top, 190, fragment.silo, note) + _line(200, y, 455, middle) + written


def _box(x: float, y: float, width: float, name: str, note: str) -> str:
    return (
        f'<rect class="rb-box" x="{x}" y="{y}" width="{width}" height="{BOX}"/>'
        f'<text class="rb-name" x="{x + 12}" y="{y + 23}">{escape(name)}</text>'
        f'<text class="rb-note" x="{x + 12}" y="{y + 42}">{escape(note)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    bend = x1 + (x2 - x1) * 0.85
    return f'<path class="rb-line" d="M{x1} {y1} H{bend} L{x2} {y2}"/>'


def _size(size: int) -> str:
    if size < 10_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 10_000_000 else f"{size / 1_000_000:.0f} MB"
