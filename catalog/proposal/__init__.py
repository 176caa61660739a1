"""A semantic model proposed from the catalog alone, as files that people review."""

from catalog.proposal.propose import Proposed, propose
from catalog.proposal.write import write

__all__ = ["Proposed", "propose", "write"]
