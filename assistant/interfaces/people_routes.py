"""Routes about people and actions: whom to contact next, the list on approval, the log."""

from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.activation import ActivationLog, export
from assistant.answer_json import to_json
from assistant.language import text
from assistant.pipeline import AskRequest, ask
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


def people_routes(app: FastAPI, services: Services) -> None:
    """Add the routes."""

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

    @app.get("/v1/activations")
    def activations() -> list[dict[str, Any]]:
        """Every export so far, oldest first; nobody's id is in it."""
        return ActivationLog(services.settings.catalog.path).all()
