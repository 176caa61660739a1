"""What to do: from findings to at most three actions, with effect, audience, cost and a test.

An action follows from a finding by the first rule of the library that fits. Its effect is what the
finding itself measured, for the share of people the guards leave; without a finding there is none.
"""

from assistant.recommendations.recommending import recommend
from assistant.recommendations.situation import Situation

__all__ = ["Situation", "recommend"]
