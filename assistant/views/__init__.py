"""Answers that are more than one figure: each file here is a view that knows its own questions."""
