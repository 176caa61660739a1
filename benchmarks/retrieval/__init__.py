"""How often the table a question needs is among the first tables found."""
