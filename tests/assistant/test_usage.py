from concurrent.futures import ThreadPoolExecutor
from datetime import date

from assistant.usage import Usage

DAY, NEXT = date(2026, 10, 30), date(2026, 10, 31)


def test_questions_are_counted_by_table_and_the_last_day_is_kept(tmp_path):
    usage = Usage(tmp_path / "catalog")
    assert usage.totals() == {}
    usage.add(("a.b.c", "a.b.d"), DAY)
    usage.add(("a.b.c",), NEXT)
    assert Usage(tmp_path / "catalog").totals() == {"a.b.c": (2, NEXT), "a.b.d": (1, DAY)}


def test_questions_at_once_are_all_counted(tmp_path):
    usage = Usage(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: usage.add(("t",), DAY), range(40)))
    assert usage.totals() == {"t": (40, DAY)}


def test_a_place_that_cannot_be_written_fails_no_question(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    Usage(blocked).add(("t",), DAY)
    assert "not counted" in caplog.text
