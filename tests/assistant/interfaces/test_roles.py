"""What a role may not read does not show up in any view, and stays masked in every answer."""

import pytest
from starlette.testclient import TestClient

from assistant.interfaces.api import create_api
from catalog.refresh import refresh
from connectors.config import load_settings
from tests.assistant.interfaces.small_shop import change_shop, make_shop, open_shop

NARROW = {"role": "orders"}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def client(config):
    with open_shop(config) as services, TestClient(create_api(services, "1.2.3")) as client:
        yield client


def sql(client, text: str, **fields) -> dict:
    return client.post("/v1/sql", json={"sql": text, **fields}).json()


def test_without_a_role_the_default_ones_mask_holds(client):
    assert sql(client, "SELECT email FROM people")["rows"] == [["***"]]


def test_a_role_narrows_what_sql_may_read(client):
    assert sql(client, "SELECT count(*) FROM people")["rows"] == [[1]]
    answer = sql(client, "SELECT count(*) FROM people", **NARROW)
    assert (answer["status"], answer["error"]["code"]) == ("refused", "forbidden_table")


def test_a_role_that_denies_a_column_refuses_it(client):
    answer = sql(client, "SELECT amount FROM orders", **NARROW)
    assert (answer["status"], answer["error"]["code"]) == ("refused", "forbidden_column")


def test_a_role_cannot_lift_the_default_ones_mask(client):
    assert sql(client, "SELECT email FROM people", role="all")["rows"] == [["***"]]


def test_tables_and_their_number_are_those_the_role_may_read(client):
    def seen(role: dict) -> tuple[list[str], list[int]]:
        tables = client.get("/v1/catalog/tables", params=role).json()
        silos = client.get("/v1/catalog/silos", params=role).json()
        return [table["name"] for table in tables], [silo["tables"] for silo in silos]

    assert seen({}) == (["shop.main.orders", "shop.main.people"], [2])
    assert seen(NARROW) == (["shop.main.orders"], [1])


def test_a_search_does_not_tell_what_the_role_may_not_read(client):
    def found(role: dict) -> str:
        return client.get("/v1/catalog/search", params={"q": "people email", **role}).text

    assert "people" in found({})
    assert "people" not in found(NARROW)


@pytest.mark.parametrize("view", ["silos", "tables", "search?q=orders", "links", "changes"])
def test_every_view_refuses_a_role_that_is_not_there(client, view):
    sign = "&" if "?" in view else "?"
    response = client.get(f"/v1/catalog/{view}{sign}role=nobody")
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "policy"


def test_changes_are_those_of_tables_the_role_may_read_even_if_gone(tmp_path):
    config = make_shop(tmp_path)
    change_shop(tmp_path, "ALTER TABLE orders ADD COLUMN paid TEXT; DROP TABLE people")
    refresh(load_settings(config), profile=False)
    with open_shop(config) as services, TestClient(create_api(services, "1.2.3")) as client:
        everything = client.get("/v1/catalog/changes").json()
        narrow = client.get("/v1/catalog/changes", params=NARROW).json()
    assert [(c["kind"], c["table"], c["column"]) for c in everything] == [
        ("added", "shop.main.orders", "paid"),
        ("removed", "shop.main.people", None),
    ]
    assert narrow == everything[:1]
