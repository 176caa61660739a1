"""The tools of the Model Context Protocol: ask, run SQL, search the catalog."""

from typing import Any

from mcp.server.mcpserver import MCPServer

from assistant import catalog_views
from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, SqlRequest, ask, run_sql
from assistant.services import Services

INSTRUCTIONS = (
    "Answers questions about customers from databases that stay where they are. Use `ask` for a "
    "question in German or English, `sql` for canonical SQL, `search_catalog` to find tables."
)


def create_mcp(services: Services, version: str) -> MCPServer:
    """The server; it offers what the HTTP API offers, through the same pipeline."""
    server = MCPServer("rundblick", instructions=INSTRUCTIONS, version=version)

    @server.tool(name="ask")
    def ask_tool(question: str, role: str | None = None) -> dict[str, Any]:
        """Answer a question in German or English; returns an Answer as JSON."""
        return to_json(ask(services, AskRequest(question, role=role)))

    @server.tool(name="sql")
    def sql_tool(sql: str, explain: bool = False, max_rows: int = 100) -> dict[str, Any]:
        """Run, or explain, one SELECT over tables named silo.schema.table."""
        return to_json(run_sql(services, SqlRequest(sql, explain, max_rows)))

    @server.tool(name="search_catalog")
    def search_tool(words: str) -> list[dict[str, Any]]:
        """Find tables, metrics and terms by words in German or English."""
        return catalog_views.search(services, words)

    return server
