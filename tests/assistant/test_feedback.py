"""Feedback: one JSON object a line, whatever is written and by how many at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from assistant.feedback import Feedback, FeedbackFile


def lines(folder) -> list[dict]:
    text = (folder / "feedback.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_feedback_is_one_json_object_a_line(tmp_path):
    file = FeedbackFile(tmp_path / "new")
    file.add(Feedback("t1", "good"))
    file.add(Feedback("t2", "bad", "Zahl stimmt nicht\nwirklich, „ä“ \u2028"))
    good, bad = lines(tmp_path / "new")
    assert (good["trace_id"], good["verdict"], good["comment"]) == ("t1", "good", "")
    assert bad["comment"] == "Zahl stimmt nicht\nwirklich, „ä“ \u2028"


def test_feedback_carries_the_time_in_utc(tmp_path):
    FeedbackFile(tmp_path).add(Feedback("t", "good"))
    assert datetime.fromisoformat(lines(tmp_path)[0]["at"]).utcoffset() == timedelta(0)


def test_a_later_file_goes_on_where_the_first_one_ended(tmp_path):
    for trace in ("t1", "t2"):
        FeedbackFile(tmp_path).add(Feedback(trace, "good"))
    assert [line["trace_id"] for line in lines(tmp_path)] == ["t1", "t2"]


def test_feedback_given_at_the_same_time_stays_whole(tmp_path):
    file = FeedbackFile(tmp_path)
    given = [Feedback(str(number), "bad", "x" * 2_000) for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(file.add, given))
    kept = lines(tmp_path)
    assert {line["trace_id"] for line in kept} == {feedback.trace_id for feedback in given}
    assert len(kept) == 100
