"""The HTTP API: questions, SQL, the catalog, refresh jobs, feedback, health and metrics."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant import catalog_views
from assistant.answer import Answer
from assistant.answer_json import plain, to_json
from assistant.feedback import Feedback, FeedbackFile
from assistant.interfaces.mcp import create_mcp
from assistant.interfaces.people_routes import people_routes
from assistant.jobs import Jobs, Report
from assistant.pipeline import AskRequest, SqlRequest, Step, ask, run_sql
from assistant.refreshing import refresh_service
from assistant.schedule import KIND, Schedule
from assistant.services import Services
from connectors.clock import Cancellation
from connectors.errors import PolicyViolation, RundblickError

MAX_QUESTION = 2_000
MAX_SQL = 32_768
# The page's own scripts are inline and Vega compiles expressions; nothing comes from elsewhere.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "worker-src 'self' blob:; connect-src 'self'; form-action 'self'; object-src 'none'; "
        "base-uri 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
EVENT_STREAM = "text/event-stream"
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION)
]
Conversation = Annotated[str, Field(min_length=1, max_length=200)]
Views = Callable[[Services, str | None], list[dict[str, Any]]]
LOOPBACK = "127.0.0.1"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AskBody(_Body):
    """A question; `role` narrows the caller's rights.

    Callers choose `conversation_id`: a new one begins a conversation.
    """

    question: Text
    conversation_id: Conversation | None = None
    role: str | None = None
    lang: Literal["de", "en", "auto"] | None = None
    partial_ok: bool = False


class SqlBody(_Body):
    """Canonical SQL to run, or to explain."""

    sql: Annotated[str, Field(min_length=1, max_length=MAX_SQL)]
    explain: bool = False
    max_rows: Annotated[int, Field(ge=1, le=100_000)] | None = None
    role: str | None = None
    lang: Literal["de", "en"] = "en"


class RefreshBody(_Body):
    """Silos to read again; all when none is named."""

    silos: list[str] | None = None
    profile: bool = True


class FeedbackBody(_Body):
    """A verdict on an answer; `correction` is SQL that would have been right."""

    trace_id: Annotated[str, Field(min_length=1, max_length=64)]
    verdict: Literal["good", "bad"]
    comment: Annotated[str, Field(max_length=2_000)] = ""
    correction: Annotated[str, Field(max_length=20_000)] = ""


def create_api(services: Services, version: str, host: str = LOOPBACK) -> FastAPI:
    """The application with all routes; MCP answers at ``/mcp``. The UI is mounted by the caller.

    Args:
        services: What answers.
        version: Of the program, as the documents say it.
        host: Address it will listen on; on loopback, MCP takes no request for another host.
    """
    mcp = create_mcp(services, version)
    jobs = Jobs()
    schedule = Schedule(services, jobs)
    tools = mcp.streamable_http_app(streamable_http_path="/mcp", host=host)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        schedule.start()
        async with mcp.session_manager.run():
            yield
        schedule.stop()

    app = FastAPI(title="Rundblick", version=version, lifespan=lifespan)
    _handle_errors(app)
    _keep_to_this_host(app)
    _question_routes(app, services)
    _catalog_routes(app, services)
    _job_routes(app, services, jobs)
    _service_routes(app, services)
    people_routes(app, services)
    app.router.routes.extend(tools.routes)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        problem = error.errors()[0]
        unread = problem["type"] == "json_invalid"
        place = "body" if unread else ".".join(str(part) for part in problem["loc"][1:]) or "body"
        return _problem(422, "malformed_request", f"{place}: {problem['msg']}")

    @app.exception_handler(HTTPException)
    async def missing(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return _problem(error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(RundblickError)
    async def failed(_: Request, error: RundblickError) -> JSONResponse:
        asked_wrong = 403 if isinstance(error, PolicyViolation) else 400
        status = asked_wrong if error.actor == "user" else 503
        return _problem(status, error.code, error.message)

    @app.exception_handler(Exception)
    async def defect(_: Request, __: Exception) -> JSONResponse:
        return _problem(500, RundblickError.code, "internal error, see the log")


def _keep_to_this_host(app: FastAPI) -> None:
    """Tell browsers to load nothing from, and send nothing to, another host."""

    @app.middleware("http")
    async def headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response


def _problem(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def _question_routes(app: FastAPI, services: Services) -> None:
    @app.post("/v1/ask")
    async def ask_route(body: AskBody, request: Request) -> Response:
        """Answer a question; as an event stream when the caller accepts one."""
        language = None if body.lang == "auto" else body.lang
        asked = AskRequest(
            body.question, body.conversation_id, body.role, language, body.partial_ok,
            Cancellation(),
        )  # fmt: skip
        if EVENT_STREAM in request.headers.get("accept", ""):
            return StreamingResponse(_events(services, asked), media_type=EVENT_STREAM)
        answer = await run_in_threadpool(ask, services, asked)
        return JSONResponse(to_json(answer))

    @app.post("/v1/sql")
    async def sql_route(body: SqlBody) -> Response:
        """Run or explain canonical SQL."""
        asked = SqlRequest(body.sql, body.explain, body.max_rows, body.role, body.lang)
        return JSONResponse(to_json(await run_in_threadpool(run_sql, services, asked)))


async def _events(services: Services, asked: AskRequest) -> AsyncIterator[str]:
    """Steps as they begin, then the Answer. A caller that goes away cancels the question."""
    events: asyncio.Queue[Step | Answer] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def put(event: Step | Answer) -> None:
        with suppress(RuntimeError):  # the server has stopped meanwhile; nobody listens
            loop.call_soon_threadsafe(events.put_nowait, event)

    # A thread of its own: waiting streams must not use up the pool of the plain requests.
    threading.Thread(target=lambda: put(ask(services, asked, put)), daemon=True).start()
    try:
        while True:
            event = await events.get()
            if isinstance(event, Answer):
                yield _event("answer", to_json(event))
                return
            yield _event("step", {"name": event.name, "label": event.label})
    finally:
        if asked.cancellation is not None:
            asked.cancellation.cancel()


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _catalog_routes(app: FastAPI, services: Services) -> None:
    views: dict[str, Views] = {
        "silos": catalog_views.silos,
        "inventory": catalog_views.stock_of,
        "tables": catalog_views.tables,
        "links": catalog_views.links,
        "changes": catalog_views.changes,
    }
    for name, view in views.items():
        app.get(f"/v1/catalog/{name}", name=f"catalog_{name}")(_bound(view, services))

    @app.get("/v1/catalog/search")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=MAX_QUESTION)],
        role: str | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> list[dict[str, Any]]:
        """Tables, metrics and terms that fit some words, best first."""
        return catalog_views.search(services, q, role, limit)


def _bound(view: Views, services: Services) -> Callable[[str | None], list[dict[str, Any]]]:
    def route(role: str | None = None) -> list[dict[str, Any]]:
        return view(services, role)

    route.__doc__ = view.__doc__
    return route


def _job_routes(app: FastAPI, services: Services, jobs: Jobs) -> None:
    @app.post("/v1/catalog/refresh", status_code=202)
    def refresh_route(body: RefreshBody | None = None) -> dict[str, Any]:
        """Read the silos' schemas again, in the background."""
        asked = body or RefreshBody()
        known = {silo.name for silo in services.settings.silos}
        unknown = sorted(set(asked.silos or ()) - known)
        if unknown:
            raise HTTPException(404, f"there is no silo {unknown[0]!r}")

        def work(report: Report) -> Mapping[str, Any]:
            return refresh_service(services, report, profile=asked.profile, silos=asked.silos)

        made = jobs.start(KIND, work)
        started: dict[str, Any] = plain(made)
        return started

    @app.get("/v1/jobs")
    def jobs_route() -> list[dict[str, Any]]:
        """All jobs that are remembered, newest first; also those of the schedule."""
        every: list[dict[str, Any]] = plain(jobs.all())
        return every

    @app.get("/v1/jobs/{job_id}")
    def job_route(job_id: str) -> dict[str, Any]:
        """State and progress of a job."""
        job = jobs.get(job_id)
        if job is None:
            raise HTTPException(404, f"there is no job {job_id!r}")
        state: dict[str, Any] = plain(job)
        return state


def _service_routes(app: FastAPI, services: Services) -> None:
    feedback = FeedbackFile(services.settings.catalog.path)

    @app.post("/v1/feedback", status_code=202)
    def feedback_route(body: FeedbackBody) -> dict[str, str]:
        """Keep a verdict on an answer, for a person to review."""
        given = Feedback(body.trace_id, body.verdict, body.comment, correction=body.correction)
        feedback.add(services.recent.completed(given))
        return {"state": "kept"}

    @app.get("/healthz")
    async def health() -> dict[str, Any]:
        """The service is up; the catalog's version and age."""
        catalog = services.catalog
        return {"status": "ok", "catalog": catalog.version, "read_at": catalog.read_at.isoformat()}

    @app.get("/metrics")
    async def metrics() -> Response:
        """Counters in Prometheus' format."""
        catalog = services.catalog
        services.telemetry.show_catalog(len(catalog.schema), catalog.read_at)
        return Response(services.telemetry.text(), media_type="text/plain; version=0.0.4")
