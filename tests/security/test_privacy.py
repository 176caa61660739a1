"""No cell of a personal or free-text column in any request to a chat model, in any mode."""

import json

import pytest

from tests.assistant.model_shop import CATEGORIES, SECRETS, asked_shop, make_shop
from tests.scripted_model import Scripted, draft


def tool(name: str, **arguments: str) -> Scripted:
    return Scripted(tool_calls=((name, arguments),))


COUNT = "SELECT COUNT(DISTINCT people.id) AS n FROM shop.main.people AS people"
GOOD = draft(kind="sql", sql=COUNT)
PEOPLE = "SELECT email, vorname, telefon, kommentar FROM shop.main.people"
CONVERSATIONS = {
    "plain": [GOOD],
    "wrong name": [draft(kind="sql", sql="SELECT mail FROM shop.main.people"), GOOD],
    "personal literal": [
        draft(kind="sql", sql=f"{COUNT} WHERE people.email = 'x'"),
        draft(kind="sql", sql=f"{COUNT} WHERE people.vorname = 'y'"),
    ],
    "unknown category": [draft(kind="sql", sql=f"{COUNT} WHERE people.segment = 'Zinn'"), GOOD],
    "another shape": [draft(kind="sql", sql=PEOPLE, shape="figure"), GOOD],
    "tools": [
        tool("search_catalog", words="Leute mit E-Mail und Kommentar"),
        tool("describe_table", table="shop.main.people"),
        *(
            tool("column_values", table="shop.main.people", column=column)
            for column in ("email", "vorname", "telefon", "kommentar", "segment")
        ),
        GOOD,
    ],
    "list of people": [draft(kind="sql", sql=PEOPLE, shape="list"), GOOD],
}


@pytest.fixture(scope="module", params=["aggregates", "none"])
def shop(request, tmp_path_factory):
    config = make_shop(tmp_path_factory.mktemp("shop"))
    with asked_shop(config, privacy=request.param) as shop:
        yield request.param, shop


def sent(shop, script) -> str:
    shop.ask(script, "Wie viele Leute haben wir?", "Und wer sind sie?")
    assert shop.endpoint.requests
    return json.dumps(shop.endpoint.requests, ensure_ascii=False)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_no_personal_cell_is_in_any_request(shop, name):
    privacy, asked = shop
    requests = sent(asked, CONVERSATIONS[name])
    assert [secret for secret in SECRETS if secret in requests] == []
    if privacy == "none":
        assert [value for value in CATEGORIES if value in requests] == []


def test_category_values_are_shown_in_mode_aggregates_alone(shop):
    privacy, asked = shop
    shown = CATEGORIES[0] in sent(asked, CONVERSATIONS["plain"])
    assert shown is (privacy == "aggregates")


def test_the_planted_cells_are_really_in_the_shop(shop):
    rows = str(shop[1].services.federation.run(PEOPLE).rows())
    assert all(secret in rows for secret in SECRETS)
