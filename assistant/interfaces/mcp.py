"""The tools of the Model Context Protocol: ask, run SQL, search the catalog."""

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from assistant import catalog_views
from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, SqlRequest, ask, run_sql
from assistant.services import Services
from catalog.semantic_model import Language
from connectors.errors import RundblickError

INSTRUCTIONS = (
    "Answers questions about customers from databases that stay where they are. Use `ask` for a "
    "question in German or English, `sql` for canonical SQL, `search_catalog` to find tables."
)


def create_mcp(services: Services, version: str) -> MCPServer:
    """The server; it offers what the HTTP API offers, through the same pipeline."""
    server = MCPServer("rundblick", instructions=INSTRUCTIONS, version=version, log_level="WARNING")

    @server.tool(name="ask")
    def ask_tool(
        question: str,
        conversation_id: str | None = None,
        role: str | None = None,
        lang: Language | None = None,
    ) -> dict[str, Any]:
        """Answer a question in German or English; returns an Answer as JSON.

        The same conversation_id, of your choice, lets a question go on from the one before.
        """
        return to_json(ask(services, AskRequest(question, conversation_id, role, lang)))

    @server.tool(name="sql")
    def sql_tool(
        sql: str, explain: bool = False, max_rows: int = 100, role: str | None = None
    ) -> dict[str, Any]:
        """Run, or explain, one SELECT over tables named silo.schema.table."""
        return to_json(run_sql(services, SqlRequest(sql, explain, max_rows, role)))

    @server.tool(name="search_catalog")
    def search_tool(words: str, role: str | None = None) -> list[dict[str, Any]]:
        """Find tables, metrics and terms by words in German or English."""
        try:
            return catalog_views.search(services, words, role)
        except RundblickError as error:
            raise ToolError(error.message) from error

    return server
