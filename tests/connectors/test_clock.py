"""One clock for relative periods; deadlines and cancel that reach every thread."""

import threading
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.clock import Cancellation, Clock, Deadline
from connectors.errors import ConfigurationError


def test_a_fixed_day_sets_today_and_now():
    clock = Clock(date(2026, 10, 31))
    assert clock.day() == date(2026, 10, 31)
    assert clock.now() == datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)


def test_without_a_fixed_day_the_real_one_counts():
    assert abs((Clock().now() - datetime.now(UTC)).total_seconds()) < 5
    assert Clock().day() in (Clock().now().date(), datetime.now(UTC).date())


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("RUNDBLICK_TODAY", "2025-01-02")
    assert Clock.from_environment(date(2026, 10, 31)).day() == date(2025, 1, 2)


def test_without_the_variable_the_file_counts():
    assert Clock.from_environment(date(2026, 10, 31)).day() == date(2026, 10, 31)


def test_a_malformed_day_is_a_configuration_error(monkeypatch):
    monkeypatch.setenv("RUNDBLICK_TODAY", "gestern")
    with pytest.raises(ConfigurationError, match="RUNDBLICK_TODAY is 'gestern'"):
        Clock.from_environment(None)


@given(st.floats(0.001, 1000), st.floats(0.001, 1000))
def test_a_capped_deadline_is_the_nearer_one(first, second):
    left = Deadline.after(first).capped(second).left()
    assert left <= min(first, second)


def test_a_passed_deadline_has_nothing_left():
    assert Deadline.after(-1).left() == 0


def test_cancel_calls_everyone_once():
    cancellation = Cancellation()
    called: list[str] = []
    cancellation.on_cancel(lambda: called.append("a"))
    cancellation.on_cancel(lambda: called.append("b"))
    cancellation.cancel()
    cancellation.cancel()
    assert called == ["a", "b"]
    assert cancellation.requested


def test_who_registers_after_cancel_is_called_at_once():
    cancellation = Cancellation()
    cancellation.cancel()
    called: list[str] = []
    cancellation.on_cancel(lambda: called.append("late"))
    assert called == ["late"]


def test_the_forgotten_are_not_called():
    cancellation = Cancellation()
    called: list[str] = []

    def callback() -> None:
        called.append("x")

    cancellation.on_cancel(callback)
    cancellation.forget(callback)
    cancellation.cancel()
    assert called == []


def test_cancel_reaches_callbacks_registered_from_many_threads():
    cancellation = Cancellation()
    seen: list[int] = []
    threads = [
        threading.Thread(target=cancellation.on_cancel, args=(lambda i=i: seen.append(i),))
        for i in range(50)
    ]
    for thread in threads:
        thread.start()
    cancellation.cancel()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(50))
