"""Parts of the page about people and actions: one person's card, verdicts on recommendations."""

from collections.abc import Callable
from typing import Any

import altair
import gradio as gr

from assistant.answer import Answer
from assistant.language import text
from assistant.markdown import tame
from assistant.pipeline import AskRequest, ask
from assistant.recommendations.decisions import Decision, Decisions, Verdict
from assistant.services import Services
from catalog.semantic_model import Language

MOST = 3
MAX_KEY = 200
Pairs = list[tuple[str, str]]


class DecisionRows:
    """A line per recommendation with a button to accept and one to reject it."""

    def __init__(self, services: Services) -> None:
        self._decisions = Decisions(services.settings.catalog.path)

    def blocks(self, language: Any) -> list[Any]:
        """The components, in the order `shown` fills them; their clicks are bound."""
        advice = gr.State([])
        rows: list[Any] = []
        said: list[Any] = []
        for place in range(MOST):
            with gr.Row(visible=False, elem_id=f"advice-{place}") as row:
                action = gr.Markdown()
                accept = gr.Button(text("recommend.accept", "de"), scale=0, min_width=120)
                reject = gr.Button(text("recommend.reject", "de"), scale=0, min_width=120)
            for button, verdict in ((accept, "accepted"), (reject, "rejected")):
                button.click(self._decide(place, verdict), [advice, language], [action])
            rows += [row, accept, reject]
            said.append(action)
        return [advice, *rows, *said]

    def _decide(self, place: int, verdict: Any) -> Callable[[Pairs, Language], str]:
        """Keeps a verdict on the recommendation of a line and says so in it."""

        def decide(advice: Pairs, language: Language) -> str:
            identity, action = advice[place]
            kept = self._decisions.add(Decision(identity, verdict, action=action))
            return tame(f"{action}\n\n{_verdict(kept.verdict, kept.at, language)}")

        return decide

    def shown(self, answer: Answer | None) -> list[Any]:
        """Values of the components for an answer; hidden lines without one."""
        found = answer.recommendations[:MOST] if answer else ()
        advice = [(one.id, one.action) for one in found]
        language: Language = answer.language if answer else "de"
        rows: list[Any] = []
        for place in range(MOST):
            rows.append(gr.update(visible=place < len(found)))
            rows += [text(f"recommend.{name}", language) for name in ("accept", "reject")]
        said = []
        for one in found:
            kept = one.decision
            line = f"\n\n{_verdict(kept['verdict'], kept['at'], language)}" if kept else ""
            said.append(tame(one.action + line))
        return [advice, *rows, *said, *[""] * (MOST - len(said))]

    @property
    def width(self) -> int:
        """How many components there are."""
        return 1 + 4 * MOST


def _verdict(verdict: Verdict, at: str, language: Language) -> str:
    return text(f"recommend.{verdict}", language, day=at[:10])


class CardPage:
    """One person over all silos, found by number, e-mail address or telephone number."""

    def __init__(self, services: Services, table: Callable[[Answer], Any]) -> None:
        self._services = services
        self._table = table

    def blocks(self, language: Any) -> list[Any]:
        """The components whose labels change with the language."""
        key = gr.Textbox(
            placeholder=text("card.key", "de"), label=text("card.key", "de"), show_label=False,
            submit_btn=True, elem_id="card-key", max_length=MAX_KEY,
        )  # fmt: skip
        said = gr.Markdown(elem_id="card")
        chart = gr.Plot(show_label=False, elem_id="card-chart")
        events = gr.Dataframe(interactive=False, show_label=False, wrap=True, elem_id="card-events")
        key.submit(self._shown, [key, language], [said, chart, events], show_progress="minimal")
        return [key]

    def _shown(self, key: str, language: Language) -> list[Any]:
        if not key.strip():
            return [gr.skip()] * 3
        question = text("card.question", language, key=key.strip())
        answer = ask(self._services, AskRequest(question, language=language))
        chart = altair.Chart.from_dict(dict(answer.chart)) if answer.chart else None
        return [tame(answer.text), chart, self._table(answer)]


def card_labels(language: Language) -> list[Any]:
    """The labels of the card's page in a language."""
    said = text("card.key", language)
    return [gr.update(placeholder=said, label=said)]
