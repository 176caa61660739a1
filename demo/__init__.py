"""A fictitious company in real databases."""
