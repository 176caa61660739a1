"""The benchmark of links: its rows respect what is true, and its score counts right."""

from pathlib import Path

import pytest

from benchmarks.links.rows import Rows
from benchmarks.links.score import Score, mistakes, score
from benchmarks.links.truth import System, TrueLink, declaring_systems
from catalog.links import Link


@pytest.fixture(scope="module")
def systems(shared: Path) -> dict[str, System]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNDBLICK_SHARED", str(shared))
        return {system.name: system for system in declaring_systems()}


def test_every_system_that_declares_a_key_is_there(systems: dict[str, System]) -> None:
    declared = {name: len(system.declared) for name, system in systems.items()}
    assert declared == {
        "mautic": 151, "dittofeed": 45, "listmonk": 19, "chatwoot": 3, "medusa": 109,
        "formbricks": 89, "fides_consent": 6,
    }  # fmt: skip
    for system in systems.values():
        assert not system.declared & system.labelled


def test_rows_respect_every_link_and_numbers_overlap(systems: dict[str, System]) -> None:
    system = systems["listmonk"]
    rows = Rows(system)
    for link in system.links:
        values = {value for value in rows.values(link.left) if value is not None}
        assert values
        assert values <= set(rows.values(link.right))
    lists, users = set(rows.values("lists.id")), set(rows.values("users.id"))
    assert len(lists & users) > min(len(lists), len(users)) / 2


def test_a_kind_tells_which_table_a_number_is_of(systems: dict[str, System]) -> None:
    rows = Rows(systems["chatwoot"])
    pairs = zip(rows.values("messages.sender_type"), rows.values("messages.sender_id"), strict=True)
    keys = {"User": "users.id", "Contact": "contacts.id", "AgentBot": "agent_bots.id"}
    assert all(number in rows.values(keys[str(kind)]) for kind, number in pairs)


def test_rows_of_one_table_have_keys_of_their_own(systems: dict[str, System]) -> None:
    names, rows = Rows(systems["mautic"]).table("lead_lists_leads")
    places = [names.index("leadlist_id"), names.index("lead_id")]
    keys = [tuple(row[place] for place in places) for row in rows]
    assert len(keys) == len(set(keys)) > 10
    assert Rows(systems["mautic"]).table("lead_lists_leads")[1] == rows
    assert Rows(systems["mautic"], seed=2).table("lead_lists_leads")[1] != rows


def link(left: str, right: str) -> Link:
    return Link(f"s.main.{left}", f"s.main.{right}", "exact", "proposed")


def test_the_score_counts_declared_wrong_and_labelled_links() -> None:
    links = (
        TrueLink("a.x_id", "x.id", True),
        TrueLink("a.y_id", "y.id", True),
        TrueLink("a.z_id", "z.id", False, "z_type=Z"),
    )
    system = System("s", "postgres", (), links)
    found = [
        link("A.x_id", "X.id"),
        link("a.y_id", "z.id"),
        link('a.CASE WHEN "z_type" = \'Z\' THEN "z_id" END', "z.id"),
    ]
    counted = score(system, found)
    assert counted == Score(right=1, wrong=1, missed=1, also=1, labelled=1)
    assert (counted.precision, counted.recall, counted.f1) == (0.5, 0.5, 0.5)
    assert mistakes(system, found) == ["wrong  a.y_id → z.id", "missed a.y_id → y.id"]
    assert counted + counted == Score(2, 2, 2, 2, 2)
    assert Score(missed=1).f1 == 0.0
