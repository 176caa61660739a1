"""Findings about people across silos, each asked for by a question of its own; one file a kind."""
