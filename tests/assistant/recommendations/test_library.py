"""The library is whole in both languages, and its numbers are declared."""

import re

import pytest

from assistant.answer import Insight
from assistant.language import has_text
from assistant.recommendations.library import library

DIGITS = re.compile(r"\d")


@pytest.mark.parametrize("rule", library(), ids=lambda rule: rule.id)
def test_every_rule_is_whole_in_both_languages(rule):
    words = {"group": "X", "weeks": rule.weeks, **rule.values}
    for labels in (rule.action, rule.owner, rule.refuted):
        assert set(labels) == {"de", "en"}
        for said in labels.values():
            assert said.format(**words)
            assert not DIGITS.search(said), "numbers stand under values"
    assert rule.weeks > 0
    assert rule.channel is None or has_text(f"channel.{rule.channel}", "de")


def test_names_are_unique_and_the_last_rules_fit_whatever_is_left():
    names = [rule.id for rule in library()]
    assert len(set(names)) == len(names)
    odd = Insight("i1", "odd", "", "odd", touchpoint="zeppelin", direction="bad")
    assert next(rule.id for rule in library() if rule.fits(odd, None, None)) == "find_cause"


def test_a_condition_that_does_not_hold_keeps_a_rule_out():
    rule = next(rule for rule in library() if rule.id == "win_back")
    fits = Insight("i1", "trend", "", "m", touchpoint="subscription", direction="bad")
    assert rule.fits(fits, "down", "count")
    assert not rule.fits(fits, "up", "count")
    assert not rule.fits(Insight("i", "t", "", "m", touchpoint="web", direction="bad"), "down", "")
