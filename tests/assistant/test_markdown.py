from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.markdown import code, tame


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](https://evil.example/?q=1)",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x][y]\n\n[y]: https://evil.example",
        "<https://evil.example>",
        "see https://evil.example or www.evil.example",
        "write to boss@evil.example",
    ],
)
def test_nothing_that_loads_or_leads_elsewhere_is_left(hostile):
    tamed = tame(hostile)
    assert not set("<[]") & set(tamed)
    assert "://" not in tamed
    assert "www." not in tamed
    assert "boss@evil" not in tamed


def test_code_cannot_be_left_from_within():
    assert code("a < b ` <img> `\n\nc") == "`a < b ' <img> ' c`"


def test_our_own_markdown_stays():
    said = "**402** cancellations.\n\n- Region *Bern*: `COUNT(x)`\n\n### Why"
    assert tame(said) == said


@given(st.text())
def test_a_reader_sees_the_same_words(words):
    assert unescape(tame(words)) == words
