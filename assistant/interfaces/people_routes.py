"""Routes about people and actions: whom to contact next, the list on approval, the log."""

from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.activation import ActivationLog, export
from assistant.answer_json import plain, to_json
from assistant.language import text
from assistant.pipeline import AskRequest, ask
from assistant.recommendations.decisions import Decision, Decisions, Verdict
from assistant.services import Services
from assistant.views.base import Asked
from catalog.semantic_model import Language

CSV = "text/csv; charset=utf-8"
ATTACHMENT = {"Content-Disposition": 'attachment; filename="next-actions.csv"'}


class ExportBody(BaseModel):
    """Who approves that the list of people is given out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approved_by: Annotated[str, Field(min_length=1, max_length=200)]
    role: str | None = None
    lang: Language = "en"


class CardBody(BaseModel):
    """A key of one person: number, e-mail address, telephone number or id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: Annotated[str, Field(min_length=1, max_length=200)]
    role: str | None = None
    lang: Language = "en"


class DecisionBody(BaseModel):
    """A verdict on a recommendation, by its id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    recommendation: Annotated[str, Field(min_length=1, max_length=64)]
    verdict: Verdict
    comment: Annotated[str, Field(max_length=2_000)] = ""
    by: Annotated[str, Field(max_length=200)] = ""
    action: Annotated[str, Field(max_length=2_000)] = ""


def people_routes(app: FastAPI, services: Services) -> None:
    """Add the routes."""
    decisions = Decisions(services.settings.catalog.path)

    @app.get("/v1/next-actions")
    def next_actions(role: str | None = None, lang: Language = "en") -> Response:
        """Whom to contact tomorrow, as an Answer: a dry run."""
        question = text("next.question", lang)
        return JSONResponse(to_json(ask(services, AskRequest(question, None, role, lang))))

    @app.post("/v1/next-actions/export")
    def export_route(body: ExportBody) -> Response:
        """The whole list as CSV, approved by a person; logged."""
        asked = Asked(services, text("next.question", body.lang), body.lang, body.role, "")
        return Response(export(asked, body.approved_by), media_type=CSV, headers=ATTACHMENT)

    @app.post("/v1/customer-card")
    def card_route(body: CardBody) -> Response:
        """One person over all silos, as an Answer; the key stays out of the address."""
        question = text("card.question", body.lang, key=body.key)
        return JSONResponse(
            to_json(ask(services, AskRequest(question, None, body.role, body.lang)))
        )

    @app.post("/v1/decisions", status_code=202)
    def decide(body: DecisionBody) -> dict[str, Any]:
        """Keep a verdict on a recommendation."""
        kept: dict[str, Any] = plain(decisions.add(Decision(**body.model_dump())))
        return kept

    @app.get("/v1/decisions")
    def decided() -> list[dict[str, Any]]:
        """The last verdict on each recommendation."""
        return [plain(decision) for decision in decisions.latest().values()]

    @app.get("/v1/activations")
    def activations() -> list[dict[str, Any]]:
        """Every export so far, oldest first; nobody's id is in it."""
        return ActivationLog(services.settings.catalog.path).all()
