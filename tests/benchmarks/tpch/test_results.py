"""Cells are kept, averaged and printed."""

import pytest

from benchmarks.tpch.results import (
    Results,
    fragments,
    geometric_mean,
    means,
    percentile,
    summaries,
    table,
)


def side(ms, size, *, right=True, error=None, **more):
    return {"ms": ms, "bytes": size, "right": right, "error": error, **more}


def cell(ours, attach, **more):
    moved = {"silo": "pg", "rows": 7, "bytes": 50, "keys_sent": 3, "ms": 1.0, "sql": "SELECT 1"}
    own = {**ours, "file_bytes": 0, "plan_ms": 5.0, "fragments": [{**moved, "kept": ["x"]}]}
    return {"ours": own, "attach": attach, **more}


CELLS = {
    "D1/01": cell(side(10, 100), side(20, 400), trino=side(100, 50)),
    "D1/02": cell(side(40, 100), side(20, 1600), trino=side(100, 0, right=False, error="no")),
    "D2/01": cell(side(5, 900), side(1, 300, right=False)),
}


def words(line):
    return [word.strip() for word in line.split("|")[1:-1]]


def test_the_geometric_mean_of_nothing_is_none():
    assert geometric_mean([]) is None
    assert geometric_mean([2, 8]) == pytest.approx(4)


def test_a_percentile_is_one_of_the_values():
    assert percentile([], 0.95) is None
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.95) == 7


def test_means_are_per_placement_and_peer_and_over_all():
    found = means(CELLS)
    attach = found["D1"]["peers"]["attach"]
    assert attach["time"] == pytest.approx(1)
    assert attach["fewer"] == pytest.approx(8)
    assert (attach["worst"], attach["worst_time"], attach["slower"]) == ("D1/02", 2, ["D1/02"])
    assert found["D2"]["peers"]["attach"]["right"] == 0
    assert found["all"]["peers"]["attach"]["above"] == ["D2/01"]
    assert found["all"]["queries"] == 3


def test_a_peer_counts_only_where_it_was_asked_and_answered():
    trino = means(CELLS)["all"]["peers"]["trino"]
    assert (trino["queries"], trino["right"]) == (2, 1)
    assert trino["time"] == pytest.approx(0.1)
    assert "trino" not in means(CELLS)["D2"]["peers"]


def test_a_query_without_an_answer_counts_as_wrong_but_has_no_ratio():
    broken = cell(side(1, 0, right=False, error="no"), side(20, 400))
    found = means({**CELLS, "D1/03": broken})["D1"]
    assert (found["queries"], found["right"]) == (3, 2)
    assert found["peers"]["attach"]["fewer"] == pytest.approx(8)


def test_a_query_for_which_the_peer_moves_nothing_has_no_ratio_of_bytes():
    found = means({**CELLS, "D1/03": cell(side(1, 0), side(1, 0))})["D1"]
    assert found["peers"]["attach"]["fewer"] == pytest.approx(8)


def test_the_table_says_who_was_right():
    text = table(CELLS)
    assert "### D1" in text
    line = next(line for line in text.splitlines() if "Q2" in line)
    assert words(line) == [
        "Q2", "40", "20", "100", "2.00", "0.1", "1.6", "0.0", "16.0x", "Trino error", "0.0",
    ]  # fmt: skip
    assert "| ATTACH WRONG |" in text


def test_a_summary_shows_only_the_queries_that_miss_a_goal():
    text = summaries(CELLS)
    assert "- D1: ours 2 of 2 right" in text
    assert "at worst 5.0, D2 Q1; 2 above 1.5" in text
    shown = [words(line)[0] for line in text.splitlines() if line.startswith("| ")]
    assert shown == ["query", "D1 Q2", "D2 Q1"]


def test_fragments_are_shown_of_queries_above_the_peers_bytes_only():
    text = fragments(CELLS)
    assert "### D2/01: 0.9 kB, ATTACH 0.3" in text
    assert "- pg: 7 rows, 0.1 kB, 3 keys sent, 1 ms: `SELECT 1`" in text
    assert "D1" not in text


def test_cells_are_kept_one_by_one(tmp_path):
    results = Results(tmp_path / "r.json")
    assert results.cells() == {}
    results.keep("D2", 3, CELLS["D2/01"])
    results.keep("D1", 12, CELLS["D1/01"])
    assert list(results.cells()) == ["D1/12", "D2/03"]
    assert results.cells()["D1/12"] == CELLS["D1/01"]
