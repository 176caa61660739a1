"""Two runs, side by side, and a run kept and read again."""

import pytest

from assistant.evaluation.comparing import compare
from assistant.evaluation.keeping import read_run, write_run
from assistant.evaluation.scoring import Difference
from connectors.errors import ConfigurationError
from tests.assistant.evaluation.results import result, run

ONE = Difference((("Zürich", 5.0),), (("Zürich", 4.0),), 1, 1)
TWO = Difference((("Zürich", 5.0),), (("Zürich", 3.0),), 1, 1)


def test_what_became_right_or_wrong_is_told_apart():
    before = run(result("a"), result("b", outcome="refused"), result("c"), result("old"))
    now = run(result("a"), result("b"), result("c", outcome="wrong"), result("new"))
    found = compare(before, now)
    assert [change.now.id for change in found.newly_right] == ["b"]
    assert [change.now.id for change in found.newly_wrong] == ["c"]
    assert (found.added, found.gone) == (("new (de)",), ("old (de)",))
    assert (found.before.count, found.now.count) == (3, 3)


def test_a_wrong_figure_that_changed_is_listed_a_still_one_is_not():
    before = run(
        result("a", outcome="wrong", difference=ONE), result("b", outcome="wrong", difference=ONE)
    )
    now = run(
        result("a", outcome="wrong", difference=TWO), result("b", outcome="wrong", difference=ONE)
    )
    assert [change.now.id for change in compare(before, now).changed] == ["a"]


def test_a_kept_run_is_read_back_as_it_was(tmp_path):
    kept = run(result("ä", outcome="wrong", difference=ONE, cost=0.25), agrees={"ä": True})
    write_run(kept, tmp_path / "run.json")
    assert read_run(tmp_path / "run.json") == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "run.json"),
        ("{}", "run.json: file"),
        ("[1]", "run.json"),
    ],
)
def test_what_is_no_run_is_said_so(tmp_path, text, message):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_run(tmp_path / "run.json")


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.json"):
        read_run(tmp_path / "gone.json")
