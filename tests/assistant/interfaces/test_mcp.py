"""The MCP tools as a client of the protocol sees them: over HTTP and over standard input."""

import os
import sys
from pathlib import Path

import anyio
import jsonschema
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.assistant.interfaces.live import listening
from tests.assistant.interfaces.small_shop import make_shop, open_shop
from tests.assistant.test_answer_json import SCHEMA

ROOT = Path(__file__).parents[3]
TOOLS = {"ask", "sql", "search_catalog"}
GERMAN = "Wie viele Tickets sind offen?"
ENGLISH = "How many tickets are open?"
MARS = "Wie hoch war gestern der Luftdruck auf dem Mars?"


@pytest.fixture(scope="module")
def url(demo_services):
    with listening(demo_services) as port:
        yield f"http://127.0.0.1:{port}/mcp"


def calls(server, *asked: tuple[str, dict], mode: str = "auto") -> list:
    """The results of some tool calls of one session."""

    async def session() -> list:
        async with Client(server, mode=mode) as client:
            return [await client.call_tool(name, arguments) for name, arguments in asked]

    return anyio.run(session)


def answer(result, status: str = "answered") -> dict:
    """The Answer in a tool's result; it fits the contract and has this status."""
    assert not result.is_error, result.content
    jsonschema.validate(result.structured_content, SCHEMA)
    assert result.structured_content["status"] == status
    return result.structured_content


def tools(server) -> dict:
    async def session() -> dict:
        async with Client(server) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    return anyio.run(session)


def test_every_tool_says_what_it_does(url):
    found = tools(url)
    assert set(found) == TOOLS
    assert all(tool.description for tool in found.values())
    assert found["ask"].input_schema["required"] == ["question"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_question_is_answered_in_new_and_old_protocols(url, mode):
    (result,) = calls(url, ("ask", {"question": GERMAN}), mode=mode)
    assert answer(result)["rows"] == [[835]]
    assert answer(result)["language"] == "de"


def test_both_languages_give_the_same_rows_over_mcp(url):
    german, english = calls(url, ("ask", {"question": GERMAN}), ("ask", {"question": ENGLISH}))
    assert answer(german)["rows"] == answer(english)["rows"]


def test_the_asked_language_wins_over_mcp(url):
    (result,) = calls(url, ("ask", {"question": GERMAN, "lang": "en"}))
    assert answer(result)["language"] == "en"


def test_sql_is_run_cut_and_explained(url):
    text = "SELECT kundennummer FROM crm.public.kunden"
    cut, explained = calls(
        url, ("sql", {"sql": text, "max_rows": 2}), ("sql", {"sql": text, "explain": True})
    )
    assert len(answer(cut)["rows"]) == 2
    assert answer(cut)["truncated"] is True
    assert [f["silo"] for f in answer(explained)["plan"]["fragments"]] == ["crm"]


def test_what_is_refused_comes_as_an_answer_for_the_model_to_read(url):
    refused, mars, unknown = calls(
        url,
        ("sql", {"sql": "DELETE FROM crm.public.kunden"}),
        ("ask", {"question": MARS}),
        ("ask", {"question": GERMAN, "role": "nobody"}),
    )
    assert answer(refused, "refused")["error"]["code"] == "not_a_select"
    assert answer(mars, "refused")["rows"] == []
    assert answer(unknown, "refused")["error"]["code"] == "policy"


def test_the_catalog_is_searched(url):
    (result,) = calls(url, ("search_catalog", {"words": "Kündigungen"}))
    assert result.structured_content["result"][0]["name"] == "cancellations"


def test_wrong_arguments_are_an_error_of_the_tool(url):
    missing, role = calls(
        url, ("ask", {}), ("search_catalog", {"words": "Kunde", "role": "nobody"})
    )
    assert missing.is_error
    assert "question" in missing.content[0].text
    assert role.is_error
    assert "nobody" in role.content[0].text


def test_a_conversation_goes_on_over_mcp(url):
    first, second = calls(
        url,
        ("ask", {"question": "Anzahl Kunden nach Segment", "conversation_id": "m"}),
        ("ask", {"question": "und nach Region?", "conversation_id": "m"}),
    )
    assert answer(first)["columns"][0]["name"] == "segment"
    assert answer(second)["columns"][0]["name"] == "region"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("shop"))


def test_a_role_narrows_what_mcp_may_read(shop):
    people = "SELECT count(*) FROM people"
    with open_shop(shop) as services, listening(services) as port:
        wide, narrow = calls(
            f"http://127.0.0.1:{port}/mcp",
            ("sql", {"sql": people}),
            ("sql", {"sql": people, "role": "orders"}),
        )
    assert answer(wide)["rows"] == [[1]]
    assert answer(narrow, "refused")["error"]["code"] == "forbidden_table"


def test_the_command_serves_the_same_tools_over_standard_input(shop):
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "app", "mcp", "--config", str(shop)],
        cwd=ROOT,
        env=dict(os.environ),
    )

    async def session() -> tuple:
        async with Client(server) as client:
            listed = await client.list_tools()
            ran = await client.call_tool("sql", {"sql": "SELECT sum(amount) AS s FROM orders"})
            asked = await client.call_tool("ask", {"question": MARS})
            return listed, ran, asked

    listed, ran, asked = anyio.run(session)
    assert {tool.name for tool in listed.tools} == TOOLS
    assert answer(ran)["rows"] == [[29.75]]
    assert answer(asked, "refused")["rows"] == []
