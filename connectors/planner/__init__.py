"""Splits a secured query into fragments, one silo each, and a remainder for the engine."""
