"""What to ask, what it means, what to do."""
