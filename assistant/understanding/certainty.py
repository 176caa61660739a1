"""How likely a reading is right, told from its signals.

A logistic curve, fitted with ridge 1 on the questions that readings are developed on; the weights
are printed by ``python -m demo.fit_certainty --folder .demo``.
"""

import math
from dataclasses import astuple, dataclass

from assistant.understanding.signals import Signals


@dataclass(frozen=True)
class Weights:
    """Log odds of a right reading: at rest, and per unit of each signal."""

    rest: float
    corrected: float
    filler: float
    made: float
    members: float
    choices: float
    reused: float
    conditions: float
    timed: float
    compared: float
    listed: float


FITTED = Weights(2.87, 0.19, -2.23, 1.76, 1.05, 0.23, 0.0, 1.1, 1.5, 0.59, -0.63)


def features(signals: Signals) -> tuple[float, ...]:
    """The signals as the curve takes them: 1 for the rest, counts cut where more tells nothing."""
    return (
        1.0,
        min(signals.corrected, 2),
        signals.filler,
        min(signals.made, 1),
        min(signals.members, 1),
        min(signals.choices, 3),
        float(signals.reused),
        float(signals.conditions > 1),
        float(signals.timed),
        float(signals.compared),
        float(signals.listed),
    )


def certainty(signals: Signals, weights: Weights = FITTED) -> float:
    """The chance that a reading with these signals is right, 0 to 1."""
    odds = sum(w * x for w, x in zip(astuple(weights), features(signals), strict=True))
    return round(1 / (1 + math.exp(-odds)), 4)
