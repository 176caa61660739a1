"""The chat in the browser: question, steps, and tabs for answer, chart, table, SQL, receipt."""

import queue
import threading
import uuid
from collections.abc import Iterator
from html import escape, unescape
from typing import Any, Literal, TypeVar

import altair
import gradio as gr

from assistant import catalog_views
from assistant.answer import Answer
from assistant.csv_export import to_data_uri
from assistant.feedback import Feedback, FeedbackFile
from assistant.interfaces.ui_people import CardPage, DecisionRows, card_labels
from assistant.investigation.folded import folded
from assistant.language import detect_language, format_value, text
from assistant.markdown import code, tame
from assistant.pipeline import AskRequest, Step, ask
from assistant.receipt_picture import picture
from assistant.services import Services
from assistant.views import stock
from assistant.views.base import Asked
from catalog.semantic_model import Language
from connectors.clock import Cancellation
from connectors.query import OutputColumn

App = TypeVar("App")
History = list[dict[str, Any]]
LANGUAGES: tuple[tuple[str, Language], ...] = (("Deutsch", "de"), ("English", "en"))
EXAMPLES = 4
PANELS = 6
TABLE_ROWS = 200
MAX_HITS = 20
CHART_WIDTH = 540
FONTS = ["system-ui", "Segoe UI", "sans-serif"]
CSS = ".rb-head h1{margin:0} .rb-chart{min-height:340px} footer{display:none !important}"


def mount_ui(app: App, services: Services) -> App:
    """Mount the chat at ``/`` of an application, behind all its other routes."""
    theme = gr.themes.Soft(font=FONTS, font_mono=["ui-monospace", "monospace"])
    mounted: App = gr.mount_gradio_app(
        app, _Page(services).blocks(), path="/", theme=theme, css=CSS, ssr_mode=False,
        footer_links=[], show_error=False,
    )  # fmt: skip
    return mounted


class _Page:
    """The page and what its events do; its state per visitor lives in the browser session."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.data_page = _DataPage(services)
        self.card_page = CardPage(services, _table)
        self.decision_rows = DecisionRows(services)
        self.feedback = FeedbackFile(services.settings.catalog.path)

    def blocks(self) -> Any:
        """The whole page."""
        with gr.Blocks(title="Rundblick", analytics_enabled=False, fill_width=True) as blocks:
            conversation = gr.State(lambda: uuid.uuid4().hex)
            with gr.Row(elem_classes="rb-head"):
                title = gr.Markdown(_title("de"))
                language = gr.Radio(
                    list(LANGUAGES), value="de", label="Sprache / Language", show_label=False,
                    scale=0, min_width=280, elem_id="language",
                )  # fmt: skip
            with gr.Tabs():
                with gr.Tab(text("ui.tab_questions", "de")) as questions_tab:
                    chat, question, buttons, tabs, panels = self._questions(language)
                with gr.Tab(text("ui.tab_card", "de"), render_children=True) as card_tab:
                    card = self.card_page.blocks(language)
                with gr.Tab(text("ui.tab_data", "de"), render_children=True) as data_tab:
                    data = self.data_page.blocks(language)
            outputs = [chat, question, *panels]
            inputs = [question, chat, language, conversation]
            question.submit(self._ask, inputs, outputs, show_progress="hidden")
            for button in buttons:
                button.click(
                    self._ask, [button, chat, language, conversation], outputs,
                    show_progress="hidden",
                )  # fmt: skip
            labelled = [title, question, *buttons, *tabs, questions_tab, data_tab, card_tab, *card]
            language.change(self._switch, [language], labelled)
            chat.like(self._judged, [chat], None)
            data_tab.select(self.data_page.shown, [language], data)
        return blocks

    def _questions(self, language: Any) -> tuple[Any, Any, list[Any], list[gr.Tab], list[Any]]:
        """The chat beside what it shows: chat, question, examples, tabs, panels."""
        with gr.Row():
            with gr.Column(scale=2):
                chat = gr.Chatbot(height=430, show_label=False, elem_id="chat", buttons=["copy"])
                question = gr.Textbox(
                    placeholder=text("ui.placeholder", "de"), label=text("ui.question", "de"),
                    show_label=False, elem_id="question", submit_btn=True, max_length=2_000,
                )  # fmt: skip
                buttons = [gr.Button(example, size="sm") for example in self._examples("de")]
            with gr.Column(scale=3):
                tabs, panels = self._panels(language)
        return chat, question, buttons, tabs, panels

    def _panels(self, language: Any) -> tuple[list[gr.Tab], list[Any]]:
        """Tabs and the component each shows."""
        with gr.Tabs():
            with gr.Tab(text("ui.tab_answer", "de"), render_children=True) as answer_tab:
                answer = gr.Markdown(elem_id="answer")
                decisions = self.decision_rows.blocks(language)
            with gr.Tab(text("ui.tab_chart", "de"), render_children=True) as chart_tab:
                chart = gr.Plot(show_label=False, elem_id="chart", elem_classes="rb-chart")
            with gr.Tab(text("ui.tab_table", "de"), render_children=True) as table_tab:
                table = gr.Dataframe(
                    interactive=False, show_label=False, wrap=True, elem_id="table"
                )
                download = gr.HTML()
            with gr.Tab(text("ui.tab_sql", "de"), render_children=True) as sql_tab:
                sql = gr.Code(language="sql", interactive=False, show_label=False, elem_id="sql")
            with gr.Tab(text("ui.tab_receipt", "de"), render_children=True) as receipt_tab:
                receipt = gr.HTML(elem_id="receipt")
        tabs = [answer_tab, chart_tab, table_tab, sql_tab, receipt_tab]
        return tabs, [answer, chart, table, download, sql, receipt, *decisions]

    def _examples(self, language: Language) -> list[str]:
        """Questions the semantic model is sure to answer, or hints how to ask."""
        model = self.services.catalog.model
        known = [q.question[language] for q in model.verified_questions if language in q.question]
        shown = (example for metric in model.metrics.values() for example in metric.examples)
        known += [example for example in shown if detect_language(example) == language]
        plain_ones = [text(f"ui.example_{n}", language) for n in range(1, EXAMPLES + 1)]
        return [*known, *plain_ones][:EXAMPLES]

    def _switch(self, language: Language) -> list[Any]:
        """All labels in the other language."""
        tabs = ("answer", "chart", "table", "sql", "receipt", "questions", "data", "card")
        return [
            _title(language),
            gr.update(
                placeholder=text("ui.placeholder", language), label=text("ui.question", language)
            ),
            *self._examples(language),
            *(gr.update(label=text(f"ui.tab_{name}", language)) for name in tabs),
            *card_labels(language),
        ]

    def _ask(
        self, question: str, history: History, language: Language, conversation: str
    ) -> Iterator[list[Any]]:
        """Stream the steps, then the answer with all its panels."""
        if not question.strip():
            yield [history, "", *[gr.skip()] * self._width]
            return
        history = [*history, {"role": "user", "content": tame(question)}]
        done: list[str] = []
        for event in self._events(question, language, conversation):
            if isinstance(event, Step):
                done.append(f"*{event.label} …*")
                early = [_chat_text(event.answer), done[-1]] if event.answer else done
                thinking = {"role": "assistant", "content": "\n\n".join(early)}
                panels = [gr.skip()] * self._width
                if event.answer:
                    panels = [*_shown(event.answer), *self.decision_rows.shown(None)]
                yield [[*history, thinking], "", *panels]
            else:
                said: dict[str, Any] = {"role": "assistant", "content": _chat_text(event)}
                said["metadata"] = {"id": event.trace_id}
                yield [[*history, said], "", *_shown(event), *self.decision_rows.shown(event)]

    @property
    def _width(self) -> int:
        return PANELS + self.decision_rows.width

    def _judged(self, history: History, like: gr.LikeData) -> None:
        """Keep a thumb up or down with the question it is about."""
        index = like.index if isinstance(like.index, int) else like.index[0]
        trace = (history[index].get("metadata") or {}).get("id")
        if trace:
            asked = _plain(history[index - 1]["content"]) if index else ""
            verdict: Literal["good", "bad"] = "good" if like.liked else "bad"
            given = Feedback(trace, verdict, question=asked)
            self.feedback.add(self.services.recent.completed(given))

    def _events(
        self, question: str, language: Language, conversation: str
    ) -> Iterator[Step | Answer]:
        events: queue.SimpleQueue[Step | Answer] = queue.SimpleQueue()
        cancellation = Cancellation()
        asked = AskRequest(question, conversation, None, language, False, cancellation)
        work = threading.Thread(
            target=lambda: events.put(ask(self.services, asked, events.put)), daemon=True
        )
        work.start()
        try:
            while True:
                event = events.get()
                yield event
                if isinstance(event, Answer):
                    return
        finally:
            cancellation.cancel()


class _DataPage:
    """The inventory with a search over the catalog."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def blocks(self, language: Any) -> list[Any]:
        """Components in the order `shown` fills them."""
        said = gr.Markdown(elem_id="stock")
        systems = gr.Dataframe(
            interactive=False, show_label=False, elem_id="systems", max_height=700
        )
        download = gr.HTML()
        words = gr.Textbox(
            placeholder=text("stock.search", "de"), label=text("stock.search", "de"),
            show_label=False, submit_btn=True, elem_id="words", max_length=200,
        )  # fmt: skip
        hits = gr.Dataframe(interactive=False, show_label=False, wrap=True, elem_id="hits")
        words.submit(self._found, [words, language], [hits], show_progress="hidden")
        return [said, systems, download, words]

    def shown(self, language: Language) -> list[Any]:
        """The inventory in a language."""
        question = text("stock.search", language)
        answer = stock.View().answer(Asked(self._services, question, language, None, ""))
        label = escape(text("ui.download", language))
        link = f'<a href="{to_data_uri(answer)}" download="rundblick-data.csv">{label}</a>'
        words = gr.update(placeholder=question, label=question)
        return [tame(answer.text), _table(answer, blank=""), link, words]

    def _found(self, words: str, language: Language) -> Any:
        """Tables, metrics and terms that fit some words."""
        headers = [text(f"stock.{name}", language) for name in ("hit", "kind", "comment")]
        found = catalog_views.search(self._services, words, limit=MAX_HITS) if words.strip() else []
        rows = [[hit["name"], hit["kind"], hit["text"]] for hit in found]
        return gr.update(value={"headers": headers, "data": rows})


def _plain(content: Any) -> str:
    """The words of a message, as they were typed."""
    parts = content if isinstance(content, list) else [content]
    words = [part.get("text", "") if isinstance(part, dict) else str(part) for part in parts]
    return unescape(" ".join(words))


def _title(language: Language) -> str:
    return f"# Rundblick\n{text('ui.subtitle', language)}"


def _chat_text(answer: Answer) -> str:
    """What the chat says; choices as a list under a question back."""
    options = answer.clarification.options if answer.clarification else ()
    return tame("\n".join([answer.text, "", *(f"- {option}" for option in options)]).strip())


def _shown(answer: Answer) -> list[Any]:
    """Values of the panels, in their order."""
    chart = altair.Chart.from_dict({**answer.chart, "width": CHART_WIDTH}) if answer.chart else None
    return [
        _details(answer), chart, _table(answer), _download(answer),
        answer.sql or "", _looked_for(answer) + _receipt(answer),
    ]  # fmt: skip


def _details(answer: Answer) -> str:
    language = answer.language
    lines = [tame(answer.text)]
    if answer.recommendations:
        lines.append(f"### {text('ui.recommendations', language)}")
        for recommendation in answer.recommendations:
            lines.append(f"- **{tame(recommendation.action)}**")
            if recommendation.basis == "idea":
                lines.append(f"  *{text('recommend.idea', language)}*")
            lines += [f"  {tame(line)}" for line in recommendation.details]
            refuted_if = tame(recommendation.refuted_if)
            lines.append(f"  {text('ui.refuted_if', language)} {refuted_if}")
    if answer.definitions:
        lines.append(f"### {text('ui.definitions', language)}")
        lines += [
            f"- **{tame(d.metric)}**: {code(d.formula)} ({tame(d.source)})"
            for d in answer.definitions
        ]
    if answer.confidence:
        value = format_value(100 * answer.confidence.value, "percent", language)
        reasons = tame("; ".join(answer.confidence.reasons))
        lines.append(f"*{text('ui.confidence', language)}: {value} – {reasons}*")
    return "\n\n".join(lines)


def _table(answer: Answer, blank: str = "–") -> Any:
    headers = [column.label or column.name for column in answer.columns]
    rows = [
        [
            _cell(value, c, answer.language, blank)
            for value, c in zip(row, answer.columns, strict=True)
        ]
        for row in answer.rows[:TABLE_ROWS]
    ]
    return gr.update(value={"headers": headers, "data": rows} if headers else None)


def _cell(value: object, column: OutputColumn, language: Language, blank: str) -> str:
    if value is None:
        return blank
    return format_value(column.shown(value), column.unit, language)


def _download(answer: Answer) -> str:
    if not answer.rows:
        return ""
    label = escape(text("ui.download", answer.language))
    return f'<a href="{to_data_uri(answer)}" download="rundblick.csv">{label}</a>'


def _looked_for(answer: Answer) -> str:
    return folded(answer.investigation, answer.language) if answer.investigation else ""


def _receipt(answer: Answer) -> str:
    if answer.receipt is None:
        return ""
    language = answer.language
    drawn = picture(answer.receipt, len(answer.rows), language)
    promise = escape(text("receipt.persisted", language))
    details = "".join(
        f"<h4>{escape(f.silo)}</h4><pre style='white-space:pre-wrap'>{escape(f.sql)}</pre>"
        f"<small>{escape('; '.join((*f.pushed, *f.kept)))}</small>"
        for f in answer.receipt.fragments
    )
    return f"{drawn}<p>{promise}</p>{details}"
