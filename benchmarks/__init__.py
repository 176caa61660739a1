"""Measurements against named peers, each a command. Not part of the product."""
