"""How long a statement takes from its text to its plan."""
