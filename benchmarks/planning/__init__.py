"""How long a plan takes: from SQL text to fragments, no silo reached."""
