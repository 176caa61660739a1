"""What tells how sure a reading is, before anything is run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Signals:
    """Counts of one reading; all 0 for a question of labels and stored values alone.

    Attributes:
        corrected: Misspelt words that were set right.
        filler: Share of the words that were passed over as saying nothing, 0 to 1.
        made: Metrics the question made of the model's own.
        members: Conditions on what customers or the like did or have.
        choices: Fields or metrics that fitted nearly as well as those taken.
        reused: True when the question goes on from an earlier one.
        conditions: Filters of the query.
        timed: True with a period; `compared` with a second one.
        listed: True when names are asked for instead of a figure.
    """

    corrected: int = 0
    filler: float = 0.0
    made: int = 0
    members: int = 0
    choices: int = 0
    reused: bool = False
    conditions: int = 0
    timed: bool = False
    compared: bool = False
    listed: bool = False
