"""Cells are kept, averaged and printed."""

import pytest

from benchmarks.tpch.results import Results, fragments, geometric_mean, means, table


def side(ms, size, *, right=True, error=None, **more):
    return {"ms": ms, "bytes": size, "right": right, "error": error, **more}


def cell(ours, peer):
    moved = {"silo": "pg", "rows": 7, "bytes": 50, "keys_sent": 3, "ms": 1.0, "sql": "SELECT 1"}
    return {
        "ours": {**ours, "file_bytes": 0, "plan_ms": 5.0, "fragments": [{**moved, "kept": ["x"]}]},
        "peer": peer,
    }


CELLS = {
    "D1/01": cell(side(10, 100), side(20, 400)),
    "D1/02": cell(side(40, 100), side(20, 1600)),
    "D2/01": cell(side(5, 900), side(1, 300, right=False)),
}


def test_the_geometric_mean_of_nothing_is_none():
    assert geometric_mean([]) is None
    assert geometric_mean([2, 8]) == pytest.approx(4)


def test_means_are_per_placement_and_over_all():
    found = means(CELLS)
    assert found["D1"]["time_ratio"] == pytest.approx(1)
    assert found["D1"]["fewer_bytes"] == pytest.approx(8)
    assert found["D2"]["peer_right"] == 0
    assert found["all"]["queries"] == 3
    assert found["all"]["more_bytes_than_peer"] == 1


def test_a_query_without_an_answer_counts_as_wrong_but_has_no_ratio():
    broken = cell(side(1, 0, right=False, error="no"), side(20, 400))
    found = means({**CELLS, "D1/03": broken})["D1"]
    assert (found["queries"], found["ours_right"]) == (3, 2)
    assert found["fewer_bytes"] == pytest.approx(8)


def test_a_query_for_which_the_peer_moves_nothing_has_no_ratio_of_bytes():
    found = means({**CELLS, "D1/03": cell(side(1, 0), side(1, 0))})["D1"]
    assert found["fewer_bytes"] == pytest.approx(8)


def test_the_table_says_who_was_right():
    text = table(CELLS)
    assert "### D1" in text
    line = next(line for line in text.splitlines() if "Q2" in line)
    assert [word.strip() for word in line.split("|")[1:-1]] == [
        "Q2", "40", "20", "2.00", "0.1", "1.6", "16.0x", "right", "right", "0.0",
    ]  # fmt: skip
    assert "| WRONG |" in text


def test_fragments_are_shown_of_queries_above_the_peers_bytes_only():
    text = fragments(CELLS)
    assert "### D2/01: 0.9 kB, peer 0.3" in text
    assert "- pg: 7 rows, 0.1 kB of Arrow, 3 keys sent, 1 ms: `SELECT 1`" in text
    assert "D1" not in text


def test_cells_are_kept_one_by_one(tmp_path):
    results = Results(tmp_path / "r.json")
    assert results.cells() == {}
    results.keep("D2", 3, CELLS["D2/01"])
    results.keep("D1", 12, CELLS["D1/01"])
    assert list(results.cells()) == ["D1/12", "D2/03"]
    assert results.cells()["D1/12"] == CELLS["D1/01"]
