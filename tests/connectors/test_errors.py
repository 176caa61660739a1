"""The exception tree: drawn as it is, documented, with someone who can act."""

import re
from pathlib import Path

import pytest

from connectors import errors
from connectors.errors import RundblickError

DRAWING = re.compile(r"[├└]── (\w+)")
DOCS = Path(__file__).parents[2] / "docs" / "errors.md"


def tree(root: type[RundblickError] = RundblickError) -> list[type[RundblickError]]:
    """All classes of the tree declared in connectors.errors, in order."""
    below = [c for c in root.__subclasses__() if c.__module__ == errors.__name__]
    return [root, *(found for child in below for found in tree(child))]


def test_the_drawing_shows_every_error_in_order():
    drawn = DRAWING.findall(errors.__doc__ or "")
    assert drawn == [found.__name__ for found in tree()[1:]]


def test_codes_are_unique():
    codes = [found.code for found in tree()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("found", tree(), ids=lambda found: found.__name__)
def test_every_error_says_who_can_act_and_how_it_ends(found):
    assert found.actor in ("user", "model", "operator")
    assert found.exit_code in (2, 3, 4)


@pytest.mark.parametrize("found", tree()[1:], ids=lambda found: found.code)
def test_every_error_is_documented(found):
    assert f"### `{found.code}`" in DOCS.read_text(encoding="utf-8")


def test_an_error_carries_silo_and_hint():
    error = errors.SiloUnavailable("silo 'crm' is down", silo="crm", hint="Start it.")
    assert (str(error), error.silo, error.hint) == ("silo 'crm' is down", "crm", "Start it.")
